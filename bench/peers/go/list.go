package main

import (
	"fmt"
	"time"

	pb "callwire-bench/callwirev1"
	"callwire-bench/event"
	"callwire-bench/load"
	"callwire-bench/overgrpc"
)

// list asks for the newest events of one agent after the other. A page may be short of what was asked for and have a
// token: then the rest is asked for, and counted in the time.
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
	requests := 0
	for agent := range *pages {
		request := &pb.ListEventsRequest{
			Filters: map[string]*pb.Filter{"a": {AgentIds: []string{event.AgentID(agent * 37 % f.shape.Agents)}}},
			OrderBy: "offset desc",
		}
		start := time.Now()
		for wanted := *size; wanted > 0; requests++ {
			request.PageSize = int32(wanted)
			response, err := client.List(request)
			if err != nil {
				return err
			}
			wanted -= len(response.Events)
			if request.PageToken = response.NextPageToken; wanted > 0 && request.PageToken == "" {
				return fmt.Errorf("an agent has only %d events", *size-wanted)
			}
		}
		times.Add(time.Since(start))
	}
	return print(map[string]float64{
		"p50Ms": times.Milliseconds(0.5), "maxMs": times.Milliseconds(0.999),
		"requests": float64(requests) / float64(*pages),
	})
}
