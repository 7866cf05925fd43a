package grpcserver

import (
	"log"

	pb "callwire-bench/callwirev1"

	"google.golang.org/grpc"
)

// share is what some subscribers get of a batch: all of them the same events.
type share struct {
	events      []*pb.Event
	subscribers []*subscriber
}

func (s *server) deliver(shares []share) {
	for _, share := range shares {
		var message any = &pb.SubscribeResponse{Events: share.events, Cursor: share.events[len(share.events)-1].EventId}
		if s.variant.Prepared {
			prepared := &grpc.PreparedMsg{}
			if err := prepared.Encode(share.subscribers[0].stream, message); err != nil {
				log.Fatal(err)
			}
			message = prepared
		}
		for _, subscriber := range share.subscribers {
			subscriber.offer(message)
		}
	}
}

// scan asks each subscriber's filters about each event. Those without a filter share one response.
func (s *server) scan(events []*pb.Event) []share {
	everything := share{events: events}
	var shares []share
	for subscriber := range s.subscribers {
		if len(subscriber.filters) == 0 {
			everything.subscribers = append(everything.subscribers, subscriber)
			continue
		}
		var matching []*pb.Event
		for _, event := range events {
			if subscriber.wants(event) {
				matching = append(matching, event)
			}
		}
		if len(matching) > 0 {
			shares = append(shares, share{matching, alone(subscriber)})
		}
	}
	if len(everything.subscribers) > 0 {
		shares = append(shares, everything)
	}
	return shares
}

func alone(one *subscriber) []*subscriber { return []*subscriber{one} }

func (s *subscriber) wants(event *pb.Event) bool {
	path := event.GetCall().QueuePathNames
	for _, filter := range s.filters {
		for _, name := range filter.QueueNames {
			if len(path) > 0 && path[0] == name {
				return true
			}
		}
	}
	return false
}
