package load

import (
	"sync/atomic"
	"time"

	"callwire-bench/event"
)

// Tally counts what all subscribers of a process receive.
type Tally struct {
	// Latency is whether the time from publishing to delivery is taken of each event.
	Latency bool

	received  atomic.Int64
	target    atomic.Int64
	reached   chan struct{}
	histogram atomic.Pointer[Histogram]
	failed    chan error
}

// NewTally counts from 0.
func NewTally(latency bool) *Tally {
	tally := &Tally{Latency: latency, reached: make(chan struct{}, 1), failed: make(chan error, 1)}
	tally.histogram.Store(&Histogram{})
	return tally
}

// Event takes the latency of an event that came at a time.
func (t *Tally) Event(bytes []byte, now time.Time) {
	if !t.Latency {
		return
	}
	if at, ok := event.Time(bytes); ok {
		t.histogram.Load().Add(now.Sub(at))
	}
}

// Add counts events.
func (t *Tally) Add(count int) {
	target := t.target.Load()
	if after := t.received.Add(int64(count)); target > 0 && after >= target && after-int64(count) < target {
		t.signal()
	}
}

func (t *Tally) signal() {
	select {
	case t.reached <- struct{}{}:
	default:
	}
}

// Fail tells that a subscriber ended.
func (t *Tally) Fail(err error) {
	select {
	case t.failed <- err:
	default:
	}
}

// Restart begins another measurement of latencies.
func (t *Tally) Restart() { t.histogram.Store(&Histogram{}) }

// Reached waits until so many events were received since the beginning, and gives the latencies since Restart.
func (t *Tally) Reached(target int64) (*Histogram, error) {
	t.target.Store(target)
	if t.received.Load() >= target {
		t.signal()
	}
	for {
		select {
		case <-t.reached:
			if t.received.Load() >= target {
				return t.histogram.Load(), nil
			}
		case err := <-t.failed:
			return nil, err
		}
	}
}

// Received is how many events came so far.
func (t *Tally) Received() int64 { return t.received.Load() }
