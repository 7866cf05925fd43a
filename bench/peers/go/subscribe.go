package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"callwire-bench/event"
	"callwire-bench/load"
	"callwire-bench/overgrpc"
	"callwire-bench/overnats"
	"callwire-bench/overredis"
)

const (
	// opening is how many subscriptions are being opened at once.
	opening = 64
	// Few subscribers get much each and read it in large pieces; many must not take the machine's memory.
	manySubscribers          = 200
	largeBuffer, smallBuffer = 256 << 10, 4 << 10
)

// subscribe opens subscriptions, each on a connection of its own, prints {"opened"}, and then obeys lines on standard
// input: "restart" forgets latencies, "expect N" reports once N events were received since the beginning.
func subscribe(args []string) error {
	f := newLoadFlags("subscribe")
	count := f.Int("count", 1, "subscriptions")
	latency := f.Bool("latency", false, "take each event's time from publishing to delivery")
	selected := newSelection(f)
	f.parse(args)

	start := time.Now()
	tally := load.NewTally(*latency)
	if err := openAll(*count, func(i int) error { return selected.open(i, *count, tally) }); err != nil {
		return err
	}
	if err := print(map[string]any{"opened": *count, "seconds": time.Since(start).Seconds()}); err != nil {
		return err
	}
	commands := bufio.NewScanner(os.Stdin)
	for commands.Scan() {
		word, argument, _ := strings.Cut(commands.Text(), " ")
		if word == "restart" {
			tally.Restart()
			continue
		}
		target, err := strconv.ParseInt(argument, 10, 64)
		if word != "expect" || err != nil {
			return fmt.Errorf("not a command: %q", commands.Text())
		}
		latencies, err := tally.Reached(target)
		if err != nil {
			return fmt.Errorf("a subscription ended after %d events in all: %w", tally.Received(), err)
		}
		report := map[string]any{
			"received": tally.Received(), "seconds": time.Since(start).Seconds(),
			"cpuSeconds": cpuSeconds(),
			"p50Ms":      latencies.Milliseconds(0.5), "p99Ms": latencies.Milliseconds(0.99),
		}
		if err := print(report); err != nil {
			return err
		}
	}
	return nil
}

func openAll(count int, open func(i int) error) error {
	var work sync.WaitGroup
	slots := make(chan struct{}, opening)
	failed := make(chan error, count)
	for i := range count {
		slots <- struct{}{}
		work.Go(func() {
			if err := open(i); err != nil {
				failed <- err
			}
			<-slots
		})
	}
	work.Wait()
	close(failed)
	return <-failed
}

// selection is what subscription i asks for.
type selection struct {
	flags              *flags
	by                 *string
	value, valuesTotal *int
	earliest           *bool
	views              *int
}

func newSelection(f *flags) *selection {
	return &selection{
		flags:       f,
		by:          f.String("by", "", "what to filter by: each-queue (subscription i the queue i), queue, agent or call; none: all"),
		value:       f.Int("value", 0, "number of the queue or agent; of the first call"),
		valuesTotal: f.Int("values", 1, "how many calls, a thousand numbers apart"),
		earliest:    f.Bool("earliest", false, "from the oldest event on"),
		views:       f.Int("views", 0, "distinct views of everything, which the subscriptions share; 0: all the same"),
	}
}

// callsApart is how far the numbers of selected calls are from each other.
const callsApart = 1_000

func (s *selection) callIDs() []string {
	ids := make([]string, *s.valuesTotal)
	for i := range ids {
		ids[i] = event.CallID(*s.value + i*callsApart)
	}
	return ids
}

func (s *selection) open(i, count int, tally *load.Tally) error {
	address := *s.flags.address
	buffer := largeBuffer
	if count > manySubscribers {
		buffer = smallBuffer
	}
	switch *s.flags.protocol {
	case "grpc":
		request, err := s.request(i)
		if err != nil {
			return err
		}
		return overgrpc.Subscribe(address, i, request, buffer, tally)
	case "nats":
		subject := "calls.>"
		if *s.by == "each-queue" {
			subject = overnats.QueueSubject(i % s.flags.shape.Queues)
		}
		return overnats.SubscribeCore(address, subject, buffer, tally)
	case "jetstream":
		return overnats.SubscribeOrdered(address, s.subjects(), *s.earliest, tally)
	case "redis":
		return overredis.Subscribe(address, *s.earliest, tally)
	}
	return fmt.Errorf("no subscribing over %q", *s.flags.protocol)
}

func (s *selection) subjects() []string {
	switch *s.by {
	case "queue":
		return []string{overnats.QueueSubject(*s.value) + ".*.*"}
	case "agent":
		return []string{"calls.*." + event.AgentID(*s.value) + ".*"}
	case "call":
		var subjects []string
		for _, id := range s.callIDs() {
			subjects = append(subjects, "calls.*.*."+id)
		}
		return subjects
	}
	return []string{"calls.>"}
}
