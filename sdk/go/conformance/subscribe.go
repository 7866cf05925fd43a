package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	callwire "github.com/callwire/callwire/sdk/go"
	"github.com/callwire/callwire/sdk/go/callwirev1"
)

// errHandler is what the handler of a case fails with when the case says so.
var errHandler = errors.New("the handler failed, as the case asked")

// handler does with each delivery what the case says.
type handler struct {
	*running
	subscription *callwire.Subscription
	events       int
	offsets      hash.Hash
}

func (r *running) subscribe(client *callwire.Client) *done {
	options, err := r.options()
	if err != nil {
		return doneOf(err, false)
	}
	subscription := client.Subscribe(options)
	ended := make(chan struct{})
	go func() {
		select {
		case <-r.closed:
			_ = subscription.Close() // Run reports the same error.
		case <-ended:
		}
	}()
	handler := &handler{running: r, subscription: subscription, offsets: sha256.New()}
	err = handler.consume()
	close(ended)
	result := doneOf(err, r.wasClosed())
	result.Events = &handler.events
	result.Digest = hex.EncodeToString(handler.offsets.Sum(nil))
	result.Cursor = subscription.Cursor()
	if options.Checkpoint != nil {
		saved, err := options.Checkpoint.Load(context.Background())
		if err == nil {
			result.SavedCursor = saved.Cursor
		}
	}
	return result
}

func (r *running) wasClosed() bool {
	select {
	case <-r.closed:
		return true
	default:
		return false
	}
}

func (h *handler) consume() error {
	if h.plan.Consume != "stream" {
		return h.subscription.Run(h.ctx, h.handle)
	}
	for delivery, err := range h.subscription.All(h.ctx) {
		if err != nil {
			return err
		}
		if err := h.handle(h.ctx, delivery); err != nil {
			return err
		}
	}
	return nil
}

func (h *handler) handle(ctx context.Context, delivery callwire.Delivery) error {
	event, is := delivery.(callwire.EventDelivery)
	if !is {
		h.report.write(outputLine{Case: h.id, Delivery: deliveryLine(delivery)})
		return nil
	}
	if err := h.tell(event); err != nil {
		return err
	}
	if err := h.wait(ctx); err != nil {
		return err
	}
	if h.events == h.plan.Handler.FailAt {
		return errHandler
	}
	// Close waits for this handler, so it comes from outside; by Stop nothing more is delivered until then, also when the
	// line that closes came right before the one that releases.
	if h.events == h.plan.CloseAfter || h.wasClosed() {
		h.subscription.Stop()
		h.close()
	}
	return nil
}

// tell counts and reports an event.
func (h *handler) tell(event callwire.EventDelivery) error {
	h.events++
	offset := strconv.FormatUint(event.Event.GetOffset(), 10)
	h.offsets.Write([]byte(offset + "\n"))
	if h.plan.Report == "digest" {
		return nil
	}
	line := &eventLine{Offset: offset, Cursor: event.Cursor, Matches: event.Matches}
	if h.plan.Report == "full" {
		message, err := protoJSON(event.Event)
		if err != nil {
			return err
		}
		line.Message = message
	}
	h.report.write(outputLine{Case: h.id, Event: line})
	return nil
}

func (h *handler) wait(ctx context.Context) error {
	if h.plan.Handler.DelayMs > 0 {
		select {
		case <-time.After(milliseconds(h.plan.Handler.DelayMs)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if h.events != h.plan.Handler.HoldAt {
		return nil
	}
	h.report.write(outputLine{Case: h.id, Handling: h.events})
	select {
	case <-h.release:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// options maps the request of the case to the SDK's options.
func (r *running) options() (callwire.SubscribeOptions, error) {
	request := &callwirev1.SubscribeRequest{}
	if len(r.plan.Request) > 0 {
		if err := protojson.Unmarshal(r.plan.Request, request); err != nil {
			return callwire.SubscribeOptions{}, err
		}
	}
	return callwire.SubscribeOptions{
		Tenant:           request.GetTenant(),
		Filters:          request.GetFilters(),
		Start:            startOf(request),
		End:              endOf(request),
		Scope:            request.GetScope(),
		View:             request.GetView(),
		IncludeSnapshot:  request.GetIncludeSnapshot(),
		OnExpired:        request.GetOnExpired(),
		ProgressInterval: request.GetProgressInterval().AsDuration(),
		MaxBatchEvents:   request.GetMaxBatchEvents(),
		MaxLinger:        request.GetMaxLinger().AsDuration(),
		Checkpoint:       r.plan.checkpoint(),
		Save:             r.plan.savePolicy(),
		Buffer:           r.plan.BufferEvents,
		OnStatus: func(status callwire.Status) {
			if line := lineOfStatus(status); line != nil {
				r.report.write(outputLine{Case: r.id, Status: line})
			}
		},
	}, nil
}

func startOf(request *callwirev1.SubscribeRequest) callwire.Start {
	switch position := request.GetPosition().(type) {
	case *callwirev1.SubscribeRequest_AfterCursor:
		return callwire.After(position.AfterCursor)
	case *callwirev1.SubscribeRequest_StartTime:
		return callwire.FromTime(position.StartTime.AsTime())
	case *callwirev1.SubscribeRequest_Start:
		if position.Start == callwirev1.StartPosition_START_POSITION_EARLIEST {
			return callwire.FromEarliest()
		}
		return callwire.FromLatest()
	default:
		return callwire.Start{}
	}
}

func endOf(request *callwirev1.SubscribeRequest) callwire.End {
	switch end := request.GetEnd().(type) {
	case *callwirev1.SubscribeRequest_EndCursor:
		return callwire.UntilCursor(end.EndCursor)
	case *callwirev1.SubscribeRequest_EndTime:
		return callwire.UntilTime(end.EndTime.AsTime())
	default:
		return callwire.End{}
	}
}
