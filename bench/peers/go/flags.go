package main

import (
	"encoding/json"
	"flag"
	"os"
	"syscall"
	"time"

	"callwire-bench/event"
)

// flags are those that a role has in common with others.
type flags struct {
	*flag.FlagSet
	protocol, address *string
	shape             event.Shape
}

func newFlags(role string) *flags { return &flags{FlagSet: flag.NewFlagSet(role, flag.ExitOnError)} }

func newLoadFlags(role string) *flags {
	f := newFlags(role)
	f.protocol = f.String("protocol", "grpc", "grpc, grpc-stream, webhook, nats, jetstream or redis")
	f.address = f.String("address", "", "HOST:PORT of the server")
	f.IntVar(&f.shape.Calls, "calls", 5_000, "calls under way at once")
	f.IntVar(&f.shape.CallLength, "call-length", 0, "events of a call; 0: calls never end")
	f.IntVar(&f.shape.Queues, "queues", 1, "distinct queues")
	f.IntVar(&f.shape.Agents, "agents", 50, "distinct agents")
	return f
}

// parse ends the process on wrong usage.
func (f *flags) parse(args []string) { _ = f.Parse(args) }

// cpuSeconds is what this process has used so far, so that the clients' part of the machine is known.
func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

// print writes a report as a line of its own.
func print(report any) error { return json.NewEncoder(os.Stdout).Encode(report) }
