// Package load publishes and receives at the pace that a workload asks for, over whatever protocol.
package load

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Sender publishes a batch and returns once the server has acknowledged it. Used by several goroutines at once.
type Sender interface {
	Send(first, count int, at time.Time) error
	Close()
}

// Plan is how much is published and how.
type Plan struct {
	// Clients is the number of connections, Pipeline that of the batches that each has under way.
	Clients, Pipeline int
	// Batch is the number of events a batch.
	Batch int
	// First is the index of the first event.
	First int
	// Total events, or as many as go in Seconds when it is 0.
	Total   int
	Seconds float64
	// Rate in events a second, whether or not the server keeps up; 0: as fast as answers come.
	Rate float64
}

// Report is what came of it.
type Report struct {
	Events   int     `json:"events"`
	Seconds  float64 `json:"seconds"`
	AckP50Ms float64 `json:"ackP50Ms"`
	AckP99Ms float64 `json:"ackP99Ms"`
	// CPUSeconds of the publishing process.
	CPUSeconds float64 `json:"cpuSeconds"`
}

// mostUnderWay bounds what a server that cannot keep up with a rate is owed.
const mostUnderWay = 4_096

// Publish carries the plan out. The first error ends it.
func Publish(plan Plan, open func() (Sender, error)) (Report, error) {
	senders := make([]Sender, plan.Clients)
	for i := range senders {
		sender, err := open()
		if err != nil {
			return Report{}, err
		}
		defer sender.Close()
		senders[i] = sender
	}
	run := &run{plan: plan, start: time.Now()}
	if plan.Rate > 0 {
		run.paced(senders)
	} else {
		run.unpaced(senders)
	}
	seconds := time.Since(run.start).Seconds()
	return Report{
		Events: int(run.acknowledged.Load()), Seconds: seconds,
		AckP50Ms: run.acks.Milliseconds(0.5), AckP99Ms: run.acks.Milliseconds(0.99),
	}, run.err
}

type run struct {
	plan         Plan
	start        time.Time
	next         atomic.Int64
	acknowledged atomic.Int64
	acks         Histogram
	failed       atomic.Bool
	failOnce     sync.Once
	err          error
}

// take gives the next batch as events relative to First.
func (r *run) take() (first, count int, ok bool) {
	if r.failed.Load() || r.plan.Total == 0 && time.Since(r.start).Seconds() >= r.plan.Seconds {
		return 0, 0, false
	}
	first = int(r.next.Add(int64(r.plan.Batch))) - r.plan.Batch
	count = r.plan.Batch
	if r.plan.Total > 0 {
		count = min(count, r.plan.Total-first)
	}
	return first, count, count > 0
}

func (r *run) send(sender Sender, first, count int, at time.Time) {
	if err := sender.Send(r.plan.First+first, count, at); err != nil {
		r.fail(err)
		return
	}
	r.acknowledged.Add(int64(count))
	r.acks.Add(time.Since(at))
}

func (r *run) fail(err error) {
	r.failOnce.Do(func() { r.err = err })
	r.failed.Store(true)
}

func (r *run) unpaced(senders []Sender) {
	var work sync.WaitGroup
	for _, sender := range senders {
		for range r.plan.Pipeline {
			work.Go(func() {
				for {
					first, count, ok := r.take()
					if !ok {
						return
					}
					r.send(sender, first, count, time.Now())
				}
			})
		}
	}
	work.Wait()
}

// paced sends each batch when it is due. Its time is when it was due, so that a server that is late is seen to be.
func (r *run) paced(senders []Sender) {
	var work sync.WaitGroup
	slots := make(chan struct{}, mostUnderWay)
	for {
		first, count, ok := r.take()
		if !ok {
			break
		}
		due := r.start.Add(time.Duration(float64(first) / r.plan.Rate * float64(time.Second)))
		time.Sleep(time.Until(due))
		select {
		case slots <- struct{}{}:
		default:
			r.fail(errors.New("the server cannot carry this rate: 4,096 batches wait for their answer"))
			continue
		}
		sender := senders[first/r.plan.Batch%len(senders)]
		work.Go(func() {
			r.send(sender, first, count, due)
			<-slots
		})
	}
	work.Wait()
}
