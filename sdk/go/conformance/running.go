package main

import (
	"context"
	"errors"
	"sync"

	"google.golang.org/genproto/googleapis/rpc/code"

	callwire "github.com/callwire/callwire/sdk/go"
)

// running is a case that is under way.
type running struct {
	id     string
	plan   *plan
	report *report

	ctx     context.Context
	cancel  context.CancelFunc
	release chan struct{}
	once    sync.Once
	closed  chan struct{}
	closing sync.Once
}

func newRunning(id string, plan *plan, report *report) *running {
	ctx, cancel := context.WithCancel(context.Background())
	return &running{
		id: id, plan: plan, report: report, ctx: ctx, cancel: cancel,
		release: make(chan struct{}), closed: make(chan struct{}),
	}
}

func (r *running) do(what string) {
	switch what {
	case "release":
		r.once.Do(func() { close(r.release) })
	case "cancel":
		r.cancel()
	case "close":
		r.close()
	}
}

// close asks for the subscription's Close.
func (r *running) close() { r.closing.Do(func() { close(r.closed) }) }

func (r *running) run() {
	defer r.cancel()
	client, err := r.plan.client()
	if err != nil {
		r.report.write(outputLine{Case: r.id, Done: doneOf(err, false)})
		return
	}
	defer client.Close()
	done := r.consume(client)
	r.report.write(outputLine{Case: r.id, Done: done})
}

func (r *running) consume(client *callwire.Client) *done {
	if r.plan.Method == "subscribe" {
		return r.subscribe(client)
	}
	response, err := r.unary(client)
	result := doneOf(err, false)
	if err == nil {
		result.Response = response
	}
	return result
}

// doneOf says how a case ended.
func doneOf(err error, closed bool) *done {
	if err == nil && closed {
		return &done{Outcome: "closed"}
	}
	if err == nil {
		return &done{Outcome: "completed"}
	}
	if errors.Is(err, context.Canceled) {
		return &done{Outcome: "cancelled"}
	}
	result := &done{Outcome: "error", Message: err.Error()}
	if errors.Is(err, errHandler) {
		result.Code = "HANDLER"
	}
	if failed, is := errors.AsType[*callwire.Error](err); is {
		result.Code = code.Code(failed.Code).String()
		result.Reason = failed.Reason
		result.Message = failed.Message
		result.Metadata = failed.Metadata
		result.RetryAfterMs = failed.RetryAfter.Milliseconds()
	}
	return result
}
