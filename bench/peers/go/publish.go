package main

import (
	"fmt"

	"callwire-bench/event"
	"callwire-bench/load"
	"callwire-bench/overetcd"
	"callwire-bench/overgrpc"
	"callwire-bench/overhttp"
	"callwire-bench/overnats"
	"callwire-bench/overredis"
)

func publish(args []string) error {
	f := newLoadFlags("publish")
	var plan load.Plan
	f.IntVar(&plan.Clients, "clients", 8, "connections")
	f.IntVar(&plan.Pipeline, "pipeline", 1, "batches under way a connection")
	f.IntVar(&plan.Batch, "batch", 100, "events a batch")
	f.IntVar(&plan.First, "first", 0, "index of the first event")
	f.IntVar(&plan.Total, "total", 0, "events to publish; 0: as many as go in -seconds")
	f.Float64Var(&plan.Seconds, "seconds", 1, "how long to publish without -total")
	f.Float64Var(&plan.Rate, "rate", 0, "events a second; 0: as fast as answers come")
	json := f.Bool("json", false, "publish the source's JSON instead of typed events")
	byCall := f.Bool("subject-by-call", false, "jetstream: name agent and call in the subject")
	insists := f.Bool("insists", false, "grpc: go on at once when a quota refuses a batch")
	f.parse(args)

	form := event.Typed
	if *json {
		form = event.JSON
	}
	address, shape := *f.address, f.shape
	openers := map[string]func() (load.Sender, error){
		"grpc":        func() (load.Sender, error) { return overgrpc.OpenUnary(address, shape, form, *insists) },
		"grpc-stream": func() (load.Sender, error) { return overgrpc.OpenStream(address, shape, form) },
		"webhook":     func() (load.Sender, error) { return overhttp.Open(address, shape) },
		"nats":        func() (load.Sender, error) { return overnats.OpenCore(address, shape) },
		"jetstream":   func() (load.Sender, error) { return overnats.OpenJetStream(address, shape, *byCall) },
		"etcd":        func() (load.Sender, error) { return overetcd.Open(address, shape) },
		"redis":       func() (load.Sender, error) { return overredis.Open(address, shape) },
	}
	open := openers[*f.protocol]
	if open == nil {
		return fmt.Errorf("no publishing over %q", *f.protocol)
	}
	report, err := load.Publish(plan, open)
	if err != nil {
		return err
	}
	report.CPUSeconds = cpuSeconds()
	return print(report)
}
