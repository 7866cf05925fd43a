package callwire

import (
	"time"

	"github.com/callwire/callwire/sdk/go/callwirev1"
)

// Delivery is one thing that a subscription delivers, in the order of the stream: an [EventDelivery], [GapDelivery],
// [SnapshotDelivery], [FilterChangedDelivery] or [GoingAwayDelivery]. Use a type switch; ignore what it does not name.
type Delivery interface{ delivery() }

// EventDelivery is an event.
type EventDelivery struct {
	// Event is the event.
	Event *callwirev1.Event
	// Cursor is the event's own, `<epoch>-<offset>`.
	Cursor string
	// Matches names the filters that matched, sorted, when more than one was given.
	Matches []string
}

// GapDelivery says that retention took events before they could be delivered. Only with SkipWithGap.
type GapDelivery struct {
	// FromCursor is the position before the first event lost.
	FromCursor string
	// ToCursor is the position of the last event lost.
	ToCursor string
}

// SnapshotDelivery is the whole snapshot: it replaces what the consumer knows of open calls and chats. It comes once at the
// start, and again after each gap.
type SnapshotDelivery struct {
	// Sessions are the open sessions that match.
	Sessions []*callwirev1.Session
	// Cursor is the position as of which they are so.
	Cursor string
}

// FilterChangedDelivery says that the stream was resumed with other filters in force than before, the caller's own or
// those of policy: what they newly cover before the cursor has not been delivered.
type FilterChangedDelivery struct {
	// PreviousDigest identifies the filters in force before.
	PreviousDigest string
	// Digest identifies the filters in force now.
	Digest string
}

// GoingAwayDelivery says that the gateway is about to end the stream. The subscription reconnects by itself.
type GoingAwayDelivery struct {
	// RetryAfter is how long it waits before that, at least.
	RetryAfter time.Duration
}

func (EventDelivery) delivery()         {}
func (GapDelivery) delivery()           {}
func (SnapshotDelivery) delivery()      {}
func (FilterChangedDelivery) delivery() {}
func (GoingAwayDelivery) delivery()     {}
