// Package grpcserver is the peer that an engineer who knows grpc-go would write: a goroutine and a channel a subscriber.
// Events come in by PublishEvents and are neither folded nor stored. Variants: a response encoded once for all who get
// the same (PreparedMsg), and an index from filter values to subscribers instead of asking each.
package grpcserver

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"

	pb "callwire-bench/callwirev1"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Variant is what makes it a better server than the plain one.
type Variant struct {
	Prepared, Index bool
}

// waitingResponses is how many a subscriber may be behind; then publishers wait for it.
const waitingResponses = 1_024

type subscriber struct {
	filters []*pb.Filter
	stream  grpc.ServerStream
	queue   chan any
	done    <-chan struct{}
}

func (s *subscriber) offer(message any) {
	select {
	case s.queue <- message:
	case <-s.done:
	}
}

type server struct {
	pb.UnimplementedSubscriptionServiceServer
	pb.UnimplementedIngestServiceServer
	variant Variant

	mutex       sync.RWMutex
	subscribers map[*subscriber]struct{}
	index       index

	// order keeps batches whole and in the order of their offsets.
	order  sync.Mutex
	offset uint64
}

// Serve listens on a free port, prints the URL, and serves.
func Serve(variant Variant) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	service := &server{variant: variant, subscribers: map[*subscriber]struct{}{}, index: index{}}
	registry := grpc.NewServer()
	pb.RegisterSubscriptionServiceServer(registry, service)
	pb.RegisterIngestServiceServer(registry, service)
	fmt.Printf("listening on http://%s\n", listener.Addr())
	return registry.Serve(listener)
}

func (s *server) Subscribe(request *pb.SubscribeRequest, stream pb.SubscriptionService_SubscribeServer) error {
	subscriber := &subscriber{stream: stream, queue: make(chan any, waitingResponses), done: stream.Context().Done()}
	for _, filter := range request.Filters {
		if len(filter.QueueNames) == 0 {
			return status.Error(codes.Unimplemented, "filters other than queue_names")
		}
		subscriber.filters = append(subscriber.filters, filter)
	}
	s.add(subscriber)
	defer s.remove(subscriber)
	if err := stream.Send(&pb.SubscribeResponse{}); err != nil {
		return err
	}
	for {
		select {
		case message := <-subscriber.queue:
			if err := stream.SendMsg(message); err != nil {
				return err
			}
		case <-subscriber.done:
			return nil
		}
	}
}

func (s *server) add(subscriber *subscriber) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.subscribers[subscriber] = struct{}{}
	s.index.add(subscriber)
}

func (s *server) remove(subscriber *subscriber) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.subscribers, subscriber)
	s.index.remove(subscriber)
}

func (s *server) PublishEvents(_ context.Context, request *pb.PublishEventsRequest) (*pb.PublishEventsResponse, error) {
	s.order.Lock()
	defer s.order.Unlock()
	events := make([]*pb.Event, len(request.Items))
	results := make([]*pb.PublishResult, len(request.Items))
	now := timestamppb.Now()
	for i, item := range request.Items {
		call := item.GetCall()
		if call == nil {
			return nil, status.Error(codes.Unimplemented, "events other than typed calls")
		}
		s.offset++
		id := "5f0c1a2b-" + strconv.FormatUint(s.offset, 10)
		events[i] = &pb.Event{
			Offset: s.offset, EventId: id, Tenant: "default", Source: request.Source, EventTime: item.EventTime, ReceivedTime: now,
			Payload: &pb.Event_Call{Call: call},
		}
		results[i] = &pb.PublishResult{Status: pb.PublishStatus_PUBLISH_STATUS_ACCEPTED, Cursor: id}
	}
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	if s.variant.Index {
		s.deliver(s.index.match(events))
		return &pb.PublishEventsResponse{Results: results}, nil
	}
	s.deliver(s.scan(events))
	return &pb.PublishEventsResponse{Results: results}, nil
}
