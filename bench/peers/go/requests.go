package main

import (
	"fmt"

	pb "callwire-bench/callwirev1"
	"callwire-bench/event"

	"google.golang.org/protobuf/proto"
)

// filter is subscription i's; nil: everything.
func (s *selection) filter(i int) map[string]*pb.Filter {
	switch *s.by {
	case "each-queue":
		return map[string]*pb.Filter{"q": {QueueNames: []string{event.QueueName(i % s.flags.shape.Queues)}}}
	case "queue":
		return map[string]*pb.Filter{"q": {QueueNames: []string{event.QueueName(*s.value)}}}
	case "agent":
		return map[string]*pb.Filter{"a": {AgentIds: []string{event.AgentID(*s.value)}}}
	case "call":
		return map[string]*pb.Filter{"c": {CallIds: s.callIDs()}}
	}
	if *s.views > 0 {
		// Filters of different names are different views, also when they match the same.
		name := fmt.Sprintf("view-%d", i%*s.views)
		return map[string]*pb.Filter{name: {Kinds: []pb.EventKind{pb.EventKind_EVENT_KIND_CALL}}}
	}
	return nil
}

func (s *selection) request(i int) ([]byte, error) {
	request := &pb.SubscribeRequest{Filters: s.filter(i)}
	if *s.earliest {
		request.Position = &pb.SubscribeRequest_Start{Start: pb.StartPosition_START_POSITION_EARLIEST}
	}
	return proto.Marshal(request)
}
