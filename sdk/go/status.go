package callwire

import (
	"time"

	"github.com/callwire/callwire/sdk/go/callwirev1"
)

// Status is information about a subscription that asks for no decision: a [ConnectedStatus], [ReconnectingStatus],
// [CaughtUpStatus], [FellBehindStatus] or [ProgressStatus].
type Status interface{ status() }

// ConnectedStatus tells of the first response of a stream.
type ConnectedStatus struct {
	// FilterDigest identifies the filters in force.
	FilterDigest string
	// EffectiveView is the view in force.
	EffectiveView callwirev1.EventView
	// Masked says whether policy masks fields of this stream.
	Masked bool
	// UnresolvedAgentEmails are addresses of filters that no login has resolved to an agent yet.
	UnresolvedAgentEmails []string
}

// ReconnectingStatus tells that the stream was cut and is about to be opened again.
type ReconnectingStatus struct {
	// Attempt counts the retries in a row without useful progress, from 1.
	Attempt int
	// Delay is the pause before this attempt.
	Delay time.Duration
	// Cause is what cut the stream.
	Cause *Error
}

// CaughtUpStatus tells that what follows is live.
type CaughtUpStatus struct{}

// FellBehindStatus tells that the consumer is too slow for the live stream. Nothing is lost; CaughtUpStatus follows.
type FellBehindStatus struct {
	// QueuedBytes waited in the gateway for the consumer.
	QueuedBytes uint64
}

// ProgressStatus tells how far the stream is.
type ProgressStatus struct {
	// HeadCursor is the newest cursor of the journal.
	HeadCursor string
	// EventsBehind is how many events of the journal, matching or not, lie ahead: an upper bound.
	EventsBehind uint64
	// ServerTime is the gateway's clock.
	ServerTime time.Time
}

func (ConnectedStatus) status()    {}
func (ReconnectingStatus) status() {}
func (CaughtUpStatus) status()     {}
func (FellBehindStatus) status()   {}
func (ProgressStatus) status()     {}
