package main

import (
	"encoding/json"
	"io"
	"sync"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	callwire "github.com/callwire/callwire/sdk/go"
	"github.com/callwire/callwire/sdk/go/callwirev1"
)

// outputLine says one thing about a case.
type outputLine struct {
	Case     string      `json:"case"`
	Event    *eventLine  `json:"event,omitempty"`
	Delivery any         `json:"delivery,omitempty"`
	Status   *statusLine `json:"status,omitempty"`
	Handling int         `json:"handling,omitempty"`
	Done     *done       `json:"done,omitempty"`
}

type eventLine struct {
	Offset  string          `json:"offset"`
	Cursor  string          `json:"cursor"`
	Matches []string        `json:"matches,omitempty"`
	Message json.RawMessage `json:"message,omitempty"`
}

type statusLine struct {
	Kind    string `json:"kind"`
	Attempt int    `json:"attempt,omitempty"`
	DelayMs *int64 `json:"delay_ms,omitempty"`
	Code    string `json:"code,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

type gapLine struct {
	Kind       string `json:"kind"`
	FromCursor string `json:"from_cursor"`
	ToCursor   string `json:"to_cursor"`
}

type snapshotLine struct {
	Kind       string   `json:"kind"`
	SessionIDs []string `json:"session_ids"`
	Cursor     string   `json:"cursor"`
}

type filterChangedLine struct {
	Kind           string `json:"kind"`
	PreviousDigest string `json:"previous_digest"`
	Digest         string `json:"digest"`
}

type goingAwayLine struct {
	Kind         string `json:"kind"`
	RetryAfterMs int64  `json:"retry_after_ms"`
}

type done struct {
	Outcome      string            `json:"outcome"`
	Code         string            `json:"code,omitempty"`
	Reason       string            `json:"reason,omitempty"`
	Message      string            `json:"message,omitempty"`
	Metadata     map[string]string `json:"metadata,omitempty"`
	RetryAfterMs int64             `json:"retry_after_ms,omitempty"`
	Events       *int              `json:"events,omitempty"`
	Cursor       string            `json:"cursor,omitempty"`
	SavedCursor  string            `json:"saved_cursor,omitempty"`
	Digest       string            `json:"digest,omitempty"`
	Response     json.RawMessage   `json:"response,omitempty"`
}

// report writes the lines of all cases, each whole.
type report struct {
	mu     sync.Mutex
	output *json.Encoder
}

func newReport(output io.Writer) *report {
	encoder := json.NewEncoder(output)
	encoder.SetEscapeHTML(false)
	return &report{output: encoder}
}

// write panics when stdout is gone: nobody is left to tell.
func (r *report) write(line outputLine) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.output.Encode(line); err != nil {
		panic(err)
	}
}

func protoJSON(message proto.Message) (json.RawMessage, error) {
	return protojson.Marshal(message)
}

// deliveryLine is the line of everything but events.
func deliveryLine(delivery callwire.Delivery) any {
	switch delivery := delivery.(type) {
	case callwire.GapDelivery:
		return gapLine{"gap", delivery.FromCursor, delivery.ToCursor}
	case callwire.SnapshotDelivery:
		return snapshotLine{"snapshot", sessionIDs(delivery.Sessions), delivery.Cursor}
	case callwire.FilterChangedDelivery:
		return filterChangedLine{"filter_changed", delivery.PreviousDigest, delivery.Digest}
	case callwire.GoingAwayDelivery:
		return goingAwayLine{"going_away", delivery.RetryAfter.Milliseconds()}
	default:
		return nil
	}
}

func sessionIDs(sessions []*callwirev1.Session) []string {
	ids := make([]string, 0, len(sessions))
	for _, session := range sessions {
		ids = append(ids, session.GetSessionId())
	}
	return ids
}

// lineOfStatus is nil for what the protocol does not report.
func lineOfStatus(status callwire.Status) *statusLine {
	switch status := status.(type) {
	case callwire.ConnectedStatus:
		return &statusLine{Kind: "connected"}
	case callwire.ReconnectingStatus:
		return &statusLine{
			Kind:    "reconnecting",
			Attempt: status.Attempt,
			DelayMs: new(status.Delay.Milliseconds()),
			Code:    code.Code(status.Cause.Code).String(),
			Reason:  status.Cause.Reason,
		}
	case callwire.CaughtUpStatus:
		return &statusLine{Kind: "caught_up"}
	case callwire.FellBehindStatus:
		return &statusLine{Kind: "fell_behind"}
	default:
		return nil
	}
}
