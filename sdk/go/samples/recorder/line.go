package main

import (
	"encoding/json"
	"time"
)

// line is what is written of a finished call. Times are by the gateway's clock.
type line struct {
	CallID    string   `json:"call_id"`
	Source    string   `json:"source"`
	Direction string   `json:"direction"`
	Queue     []string `json:"queue"`
	Agents    []string `json:"agents"`
	// Started is null for a call that nobody answered.
	Started *instant `json:"started"`
	Ended   instant  `json:"ended"`
	// Segments are the spans recorded: answered, and nothing redacted.
	Segments []span `json:"segments"`
	Paused   []span `json:"paused"`
	// Complete is false when events of the call may be missing, and when its end was never reported.
	Complete bool `json:"complete"`
}

// span is from one instant to another; the second is zero while it lasts.
type span struct {
	From instant `json:"from"`
	To   instant `json:"to"`
}

func (s span) open() bool { return s.To.IsZero() }

// instant is written as RFC 3339 in UTC with milliseconds.
type instant struct{ time.Time }

// MarshalJSON writes the instant.
func (i instant) MarshalJSON() ([]byte, error) {
	return json.Marshal(i.UTC().Format("2006-01-02T15:04:05.000Z07:00"))
}
