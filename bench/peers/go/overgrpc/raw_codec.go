// Package overgrpc publishes and subscribes by callwire.v1. Messages are bytes: nothing is decoded but what is counted.
package overgrpc

import "fmt"

// rawCodec passes messages through as the bytes that they are.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(message any) ([]byte, error) {
	if bytes, ok := message.([]byte); ok {
		return bytes, nil
	}
	return nil, fmt.Errorf("not bytes: %T", message)
}

func (rawCodec) Unmarshal(bytes []byte, message any) error {
	to, ok := message.(*[]byte)
	if !ok {
		return fmt.Errorf("not bytes: %T", message)
	}
	*to = append([]byte(nil), bytes...)
	return nil
}
