package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"slices"

	callwire "github.com/callwire/callwire/sdk/go"
	"github.com/callwire/callwire/sdk/go/callwirev1"
)

// callKey names a call: two sources that report one id are two calls.
type callKey struct{ source, callID string }

// recorder keeps the recordings of the open calls.
type recorder struct {
	lines io.Writer
	log   *slog.Logger
	open  map[callKey]*recording
	// gap is true once events were lost; a call that began before the loss may miss some.
	gap bool
}

func newRecorder(lines io.Writer, log *slog.Logger) *recorder {
	return &recorder{lines: lines, log: log, open: map[callKey]*recording{}}
}

func (r *recorder) handle(_ context.Context, delivery callwire.Delivery) error {
	switch delivery := delivery.(type) {
	case callwire.EventDelivery:
		return r.event(delivery.Event)
	case callwire.GapDelivery:
		r.log.Warn("events were lost to retention", "from", delivery.FromCursor, "to", delivery.ToCursor)
		r.gap = true
		for _, recording := range r.open {
			recording.complete = false
		}
	case callwire.FilterChangedDelivery:
		r.log.Warn("the credential's filter changed", "from", delivery.PreviousDigest, "to", delivery.Digest)
	}
	return nil
}

func (r *recorder) event(event *callwirev1.Event) error {
	call := event.GetCall()
	if call == nil {
		return nil
	}
	key := callKey{event.GetSource(), call.GetCallId()}
	ends := endOf(event)
	known := r.open[key]
	switch {
	case known != nil:
		known.follow(event)
	case event.GetSession().GetOpen() || ends != notEnded:
		known = r.begin(event)
		r.open[key] = known
	default:
		return nil // Wrap-up and the seal come after the end.
	}
	r.tell(key, known)
	if ends == notEnded {
		return nil
	}
	delete(r.open, key)
	r.log.Info("recording stopped", "call", key.callID, "source", key.source)
	return r.write(known.finish(key, event, ends == ended))
}

func (r *recorder) begin(event *callwirev1.Event) *recording {
	recording := newRecording(event)
	if r.gap && event.GetOffset() != event.GetSessionOffset() {
		recording.complete = false
	}
	return recording
}

// tell reports what a recorder has to do now, when that changed.
func (r *recorder) tell(key callKey, recording *recording) {
	if now := recording.state(); now != recording.told {
		r.log.Info("recording "+now, "call", key.callID, "source", key.source)
		recording.told = now
	}
}

func (r *recorder) write(line line) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	_, err = r.lines.Write(append(text, '\n'))
	return err
}

// ending is whether and how an event ends its call.
type ending int

const (
	notEnded ending = iota
	ended
	expired
)

func endOf(event *callwirev1.Event) ending {
	switch {
	case slices.Contains(event.GetChanges(), callwirev1.Trigger_TRIGGER_CALL_ENDED):
		return ended
	case slices.Contains(event.GetChanges(), callwirev1.Trigger_TRIGGER_CALL_EXPIRED):
		return expired
	default:
		return notEnded
	}
}
