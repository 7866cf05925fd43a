package main

import (
	"fmt"
	"time"

	pb "callwire-bench/callwirev1"
	"callwire-bench/event"
	"callwire-bench/load"
	"callwire-bench/overgrpc"

	"google.golang.org/protobuf/proto"
)

// list asks for the first page, newest first, of one agent after the other.
func list(args []string) error {
	f := newLoadFlags("list")
	pages := f.Int("pages", 20, "how many agents' first pages")
	size := f.Int("page-size", 50, "events a page")
	f.parse(args)

	client, err := overgrpc.OpenList(*f.address)
	if err != nil {
		return err
	}
	defer client.Close()
	var times load.Histogram
	for agent := range *pages {
		request, err := proto.Marshal(&pb.ListEventsRequest{
			Filters: map[string]*pb.Filter{"a": {AgentIds: []string{event.AgentID(agent * 37 % f.shape.Agents)}}},
			OrderBy: "offset desc", PageSize: int32(*size),
		})
		if err != nil {
			return err
		}
		start := time.Now()
		events, err := client.List(request)
		if err != nil {
			return err
		}
		if events != *size {
			return fmt.Errorf("a page of %d events", events)
		}
		times.Add(time.Since(start))
	}
	return print(map[string]float64{"p50Ms": times.Milliseconds(0.5), "maxMs": times.Milliseconds(0.999)})
}
