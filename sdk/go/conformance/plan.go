package main

import (
	"context"
	"encoding/json"
	"time"

	callwire "github.com/callwire/callwire/sdk/go"
)

// plan is what a case asks for.
type plan struct {
	URL       string          `json:"url"`
	APIKeys   []string        `json:"api_keys"`
	Method    string          `json:"method"`
	Request   json.RawMessage `json:"request"`
	TimeoutMs float64         `json:"timeout_ms"`
	Retry     struct {
		InitialMs   float64 `json:"initial_ms"`
		MaxMs       float64 `json:"max_ms"`
		MaxAttempts int     `json:"max_attempts"`
	} `json:"retry"`
	BufferEvents int `json:"buffer_events"`
	Checkpoint   *struct {
		Kind        string  `json:"kind"`
		Path        string  `json:"path"`
		EveryEvents int     `json:"every_events"`
		EveryMs     float64 `json:"every_ms"`
	} `json:"checkpoint"`
	Handler struct {
		DelayMs float64 `json:"delay_ms"`
		HoldAt  int     `json:"hold_at"`
		FailAt  int     `json:"fail_at"`
	} `json:"handler"`
	CloseAfter int    `json:"close_after"`
	Consume    string `json:"consume"`
	Report     string `json:"report"`
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

func (p *plan) client() (*callwire.Client, error) {
	options := callwire.ClientOptions{
		Timeout: milliseconds(p.TimeoutMs),
		Retry: callwire.RetryPolicy{
			Initial:     milliseconds(p.Retry.InitialMs),
			Max:         milliseconds(p.Retry.MaxMs),
			MaxAttempts: p.Retry.MaxAttempts,
		},
	}
	if len(p.APIKeys) > 0 {
		options.TokenProvider = oneAfterAnother(p.APIKeys)
	}
	return callwire.NewClient(p.URL, options)
}

// oneAfterAnother gives the first key first and another at each further call; the last stays.
func oneAfterAnother(keys []string) callwire.TokenProvider {
	calls := 0
	return func(context.Context) (string, error) {
		key := keys[min(calls, len(keys)-1)]
		calls++
		return key, nil
	}
}

func (p *plan) checkpoint() callwire.Checkpoint {
	switch {
	case p.Checkpoint == nil:
		return nil
	case p.Checkpoint.Kind == "file":
		return callwire.NewFileCheckpoint(p.Checkpoint.Path)
	default:
		return &callwire.MemoryCheckpoint{}
	}
}

func (p *plan) savePolicy() callwire.SavePolicy {
	if p.Checkpoint == nil {
		return callwire.SavePolicy{}
	}
	return callwire.SavePolicy{Events: p.Checkpoint.EveryEvents, Interval: milliseconds(p.Checkpoint.EveryMs)}
}
