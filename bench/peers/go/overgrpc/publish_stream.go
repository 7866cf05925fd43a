package overgrpc

import (
	"context"
	"sync"
	"time"

	"callwire-bench/event"
	"callwire-bench/load"

	"google.golang.org/grpc"
)

// StreamSender publishes by one PublishStream, whose answers come in the order of the requests.
type StreamSender struct {
	connection *grpc.ClientConn
	stream     grpc.ClientStream
	shape      event.Shape
	form       event.Form

	mutex    sync.Mutex
	sequence uint64
	// waiting has an entry a request under way, in order.
	waiting chan chan error
}

var _ load.Sender = (*StreamSender)(nil)

const mostRequestsUnderWay = 1_024

// OpenStream connects and opens the stream.
func OpenStream(address string, shape event.Shape, form event.Form) (*StreamSender, error) {
	connection, err := Dial(address)
	if err != nil {
		return nil, err
	}
	description := &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
	stream, err := connection.NewStream(context.Background(), description, "/callwire.v1.IngestService/PublishStream")
	if err != nil {
		return nil, err
	}
	sender := &StreamSender{
		connection: connection, stream: stream, shape: shape, form: form,
		waiting: make(chan chan error, mostRequestsUnderWay),
	}
	go sender.receive()
	return sender, nil
}

func (s *StreamSender) receive() {
	var failure error
	for answer := range s.waiting {
		if failure == nil {
			var response []byte
			failure = s.stream.RecvMsg(&response)
		}
		answer <- failure
	}
}

// Send publishes a batch and waits for its answer, while others may be under way.
func (s *StreamSender) Send(first, count int, at time.Time) error {
	answer := make(chan error, 1)
	s.mutex.Lock()
	s.sequence++
	err := s.stream.SendMsg(s.shape.Request(s.form, first, count, at, s.sequence))
	if err == nil {
		s.waiting <- answer
	}
	s.mutex.Unlock()
	if err != nil {
		return err
	}
	return <-answer
}

// Close ends the stream.
func (s *StreamSender) Close() {
	close(s.waiting)
	_ = s.stream.CloseSend()
	_ = s.connection.Close()
}
