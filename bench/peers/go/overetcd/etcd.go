// Package overetcd publishes to etcd by its own protocol. Messages are bytes: nothing is decoded but whether it was done.
package overetcd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"callwire-bench/event"
	"callwire-bench/load"
	"callwire-bench/overgrpc"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of etcdserverpb.
const (
	txnSuccess          = 2
	operationPut        = 2
	putKey, putValue    = 1, 2
	responseIsSucceeded = 2<<3 | byte(protowire.VarintType)
)

// Sender puts a batch in one transaction, a key an event.
type Sender struct {
	connection *grpc.ClientConn
	shape      event.Shape
}

var _ load.Sender = (*Sender)(nil)

// Open connects.
func Open(address string, shape event.Shape) (*Sender, error) {
	connection, err := overgrpc.Dial(address)
	return &Sender{connection, shape}, err
}

// Send publishes a batch of at most 128 events, etcd's own limit.
func (s *Sender) Send(first, count int, at time.Time) error {
	var value, put, operation, request []byte
	for i := first; i < first+count; i++ {
		value = s.shape.AppendEvent(value[:0], i, at)
		put = appendField(put[:0], putKey, fmt.Appendf(nil, "calls/%016d", i))
		put = appendField(put, putValue, value)
		operation = appendField(operation[:0], operationPut, put)
		request = appendField(request, txnSuccess, operation)
	}
	var response []byte
	if err := s.connection.Invoke(context.Background(), "/etcdserverpb.KV/Txn", request, &response); err != nil {
		return err
	}
	return checkSucceeded(response)
}

// Close ends the connection.
func (s *Sender) Close() { _ = s.connection.Close() }

func appendField(to []byte, field protowire.Number, bytes []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, field, protowire.BytesType), bytes)
}

// The header comes first, then whether the transaction succeeded.
func checkSucceeded(response []byte) error {
	_, _, size := protowire.ConsumeField(response)
	if size < 0 {
		return protowire.ParseError(size)
	}
	if rest := response[size:]; len(rest) < 2 || rest[0] != responseIsSucceeded || rest[1] != 1 {
		return errors.New("etcd: the transaction did not succeed")
	}
	return nil
}
