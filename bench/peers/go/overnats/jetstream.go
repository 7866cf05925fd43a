package overnats

import (
	"context"
	"time"

	"callwire-bench/event"
	"callwire-bench/load"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Stream is the one stream, over all subjects.
const Stream = "calls"

// CallSubject is where an event is published when it is found again by queue, agent or call.
func CallSubject(shape event.Shape, i int) string {
	return QueueSubject(i%shape.Queues) + "." + event.AgentID(i%shape.Agents) + "." + event.CallID(shape.Call(i))
}

// JetStreamSender publishes a batch without waiting in between, then waits for all its acknowledgements.
type JetStreamSender struct {
	connection *nats.Conn
	stream     jetstream.JetStream
	shape      event.Shape
	// byCall is whether subjects name agent and call besides the queue.
	byCall bool
}

var _ load.Sender = (*JetStreamSender)(nil)

func openJetStream(address string) (*nats.Conn, jetstream.JetStream, error) {
	connection, err := nats.Connect("nats://" + address)
	if err != nil {
		return nil, nil, err
	}
	stream, err := jetstream.New(connection, jetstream.WithPublishAsyncMaxPending(16_384))
	return connection, stream, err
}

// OpenJetStream connects, and makes the stream when there is none.
func OpenJetStream(address string, shape event.Shape, byCall bool) (*JetStreamSender, error) {
	connection, stream, err := openJetStream(address)
	if err != nil {
		return nil, err
	}
	return &JetStreamSender{connection, stream, shape, byCall}, makeStream(stream)
}

func makeStream(stream jetstream.JetStream) error {
	_, err := stream.CreateOrUpdateStream(context.Background(), jetstream.StreamConfig{
		Name: Stream, Subjects: []string{"calls.>"}, Storage: jetstream.FileStorage,
	})
	return err
}

// Send publishes a batch.
func (s *JetStreamSender) Send(first, count int, at time.Time) error {
	futures := make([]jetstream.PubAckFuture, 0, count)
	for i := first; i < first+count; i++ {
		subject := QueueSubject(i % s.shape.Queues)
		if s.byCall {
			subject = CallSubject(s.shape, i)
		}
		future, err := s.stream.PublishAsync(subject, s.shape.AppendEvent(nil, i, at))
		if err != nil {
			return err
		}
		futures = append(futures, future)
	}
	for _, future := range futures {
		select {
		case <-future.Ok():
		case err := <-future.Err():
			return err
		}
	}
	return nil
}

// Close ends the connection.
func (s *JetStreamSender) Close() { s.connection.Close() }

// SubscribeOrdered reads the stream by an ordered consumer on a connection of its own and counts what it receives.
func SubscribeOrdered(address string, subjects []string, earliest bool, tally *load.Tally) error {
	connection, stream, err := openJetStream(address)
	if err != nil {
		return err
	}
	policy := jetstream.DeliverNewPolicy
	if earliest {
		policy = jetstream.DeliverAllPolicy
	}
	if err := makeStream(stream); err != nil {
		return err
	}
	consumer, err := stream.OrderedConsumer(context.Background(), Stream, jetstream.OrderedConsumerConfig{
		FilterSubjects: subjects, DeliverPolicy: policy,
	})
	if err != nil {
		return err
	}
	_, err = consumer.Consume(func(message jetstream.Msg) {
		tally.Event(message.Data(), time.Now())
		tally.Add(1)
	}, jetstream.PullMaxMessages(10_000))
	connection.SetDisconnectErrHandler(func(_ *nats.Conn, err error) { tally.Fail(err) })
	return err
}
