package overgrpc

import (
	"context"
	"fmt"
	"time"

	"callwire-bench/event"
	"callwire-bench/load"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// Dial connects with a codec that passes messages ([]byte, *[]byte) through, and shows the first of the API keys.
func Dial(address string) (*grpc.ClientConn, error) {
	return grpc.NewClient("passthrough:///"+address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(apiKey(keyOf(0))),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(rawCodec{}), grpc.MaxCallRecvMsgSize(16<<20)))
}

// UnarySender publishes by PublishEvents.
type UnarySender struct {
	connection *grpc.ClientConn
	shape      event.Shape
	form       event.Form
	insists    bool
}

var _ load.Sender = (*UnarySender)(nil)

// OpenUnary connects. One that insists goes on at once when a quota refuses it.
func OpenUnary(address string, shape event.Shape, form event.Form, insists bool) (*UnarySender, error) {
	connection, err := Dial(address)
	return &UnarySender{connection, shape, form, insists}, err
}

// Send publishes a batch.
func (s *UnarySender) Send(first, count int, at time.Time) error {
	request := s.shape.Request(s.form, first, count, at, 0)
	var response []byte
	err := s.connection.Invoke(context.Background(), "/callwire.v1.IngestService/PublishEvents", request, &response)
	if s.insists && status.Code(err) == codes.ResourceExhausted {
		return nil
	}
	if err != nil {
		return err
	}
	return checkAccepted(response, count)
}

// Close ends the connection.
func (s *UnarySender) Close() { _ = s.connection.Close() }

// A result that was accepted begins with its status, field 1, which is 1.
func checkAccepted(results []byte, count int) error {
	accepted := 0
	_, err := event.EachElement(results, func(result []byte) {
		if len(result) >= 2 && result[0] == 1<<3 && result[1] == 1 {
			accepted++
		}
	})
	if err == nil && accepted != count {
		err = fmt.Errorf("%d of %d events were accepted", accepted, count)
	}
	return err
}
