package callwire

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/callwire/callwire/sdk/go/callwirev1"
)

// Filter is a condition on events: values of one field are alternatives, all fields given must hold.
type Filter = callwirev1.Filter

// Values of SubscribeOptions, under shorter names.
const (
	ScopeEvent  = callwirev1.Scope_SCOPE_EVENT
	ScopeCall   = callwirev1.Scope_SCOPE_CALL
	ViewBasic   = callwirev1.EventView_EVENT_VIEW_BASIC
	ViewFull    = callwirev1.EventView_EVENT_VIEW_FULL
	FailExpired = callwirev1.ExpiredCursorPolicy_EXPIRED_CURSOR_POLICY_FAIL
	SkipWithGap = callwirev1.ExpiredCursorPolicy_EXPIRED_CURSOR_POLICY_SKIP_WITH_GAP
)

const (
	defaultBuffer           = 1000
	defaultProgressInterval = 5 * time.Second
)

// SubscribeOptions say what a subscription delivers and how. The zero value is every event from now on, for ever. What
// the gateway judges (lengths, numbers, ranges) it refuses with INVALID_ARGUMENT.
type SubscribeOptions struct {
	// Tenant is needed only when several are configured and the caller may read more than one.
	Tenant string
	// Filters are alternatives by name. Empty means everything; a filter without a condition is refused.
	Filters map[string]*Filter
	// Start is where to begin when the checkpoint has nothing. The zero value means FromLatest.
	Start Start
	// End is where to stop. The zero value means never.
	End End
	// Scope says whether an event or a call is what matches. Zero means ScopeEvent.
	Scope callwirev1.Scope
	// View says how much of each event to send. Zero means ViewBasic.
	View callwirev1.EventView
	// IncludeSnapshot asks for a SnapshotDelivery of the open calls and chats first.
	IncludeSnapshot bool
	// OnExpired says what to do with a position older than what is kept. Zero means FailExpired.
	OnExpired callwirev1.ExpiredCursorPolicy
	// ProgressInterval is how often the gateway gives a sign of life, 1 s to 5 min. A stream that is silent for three of
	// them is taken for dead and opened again. Default: 5 s.
	ProgressInterval time.Duration
	// MaxBatchEvents is the most events a response, up to 10,000; 0 means 1,000.
	MaxBatchEvents int32
	// MaxLinger is how long an event may wait for others to share its response, up to 10 s.
	MaxLinger time.Duration

	// Checkpoint keeps the position handled; what it has wins over Start. Nil keeps none.
	Checkpoint Checkpoint
	// Save says how often the checkpoint is saved.
	Save SavePolicy
	// Buffer is the most received and undelivered events held, besides the one response being received. When it is full
	// nothing is read, and the gateway falls back to its journal by itself. Below 1 means the default, 1,000.
	Buffer int
	// Retry is the policy of reconnecting. Nil means the client's.
	Retry *RetryPolicy
	// OnStatus is told what happens to the stream, one call at a time, from the subscription's goroutines. What belongs to
	// the stream (caught up, fell behind, progress) comes when all before it was handled. It must not block, and must not
	// call Close. Nil means that nobody is told.
	OnStatus func(Status)
}

// SavePolicy says when a checkpoint is saved: at whichever bound is met first, and at the end.
type SavePolicy struct {
	// Events is the most handled events that are not saved. Below 1 means the default, 100.
	Events int
	// Interval is the longest that a handled position is not saved. Not above 0 means the default, 1 s.
	Interval time.Duration
}

func (p SavePolicy) withDefaults() SavePolicy {
	if p.Events < 1 {
		p.Events = 100
	}
	if p.Interval <= 0 {
		p.Interval = time.Second
	}
	return p
}

// Start is where a subscription begins.
type Start struct {
	set func(*callwirev1.SubscribeRequest)
}

// After begins right after a cursor.
func After(cursor string) Start {
	return Start{func(r *callwirev1.SubscribeRequest) {
		r.Position = &callwirev1.SubscribeRequest_AfterCursor{AfterCursor: cursor}
	}}
}

// FromTime begins at the first event received at or after a time.
func FromTime(t time.Time) Start {
	return Start{func(r *callwirev1.SubscribeRequest) {
		r.Position = &callwirev1.SubscribeRequest_StartTime{StartTime: timestamppb.New(t)}
	}}
}

// FromEarliest begins at the oldest event kept.
func FromEarliest() Start { return atEnd(callwirev1.StartPosition_START_POSITION_EARLIEST) }

// FromLatest begins with the next event.
func FromLatest() Start { return atEnd(callwirev1.StartPosition_START_POSITION_LATEST) }

func atEnd(position callwirev1.StartPosition) Start {
	return Start{func(r *callwirev1.SubscribeRequest) {
		r.Position = &callwirev1.SubscribeRequest_Start{Start: position}
	}}
}

// End is where a subscription stops.
type End struct {
	set func(*callwirev1.SubscribeRequest)
}

// UntilCursor stops after a cursor, inclusive.
func UntilCursor(cursor string) End {
	return End{func(r *callwirev1.SubscribeRequest) {
		r.End = &callwirev1.SubscribeRequest_EndCursor{EndCursor: cursor}
	}}
}

// UntilTime stops before the first event received at or after a time, which may be in the future.
func UntilTime(t time.Time) End {
	return End{func(r *callwirev1.SubscribeRequest) {
		r.End = &callwirev1.SubscribeRequest_EndTime{EndTime: timestamppb.New(t)}
	}}
}

// request is what the options ask of the gateway, in a message of its own.
func (o *SubscribeOptions) request() *callwirev1.SubscribeRequest {
	request := &callwirev1.SubscribeRequest{
		Tenant:          o.Tenant,
		Filters:         o.Filters,
		Scope:           o.Scope,
		View:            o.View,
		MaxBatchEvents:  o.MaxBatchEvents,
		IncludeSnapshot: o.IncludeSnapshot,
		OnExpired:       o.OnExpired,
	}
	if o.MaxLinger != 0 {
		request.MaxLinger = durationpb.New(o.MaxLinger)
	}
	if o.ProgressInterval != 0 {
		request.ProgressInterval = durationpb.New(o.ProgressInterval)
	}
	if o.Start.set != nil {
		o.Start.set(request)
	}
	if o.End.set != nil {
		o.End.set(request)
	}
	return proto.CloneOf(request)
}

// silence is how long a stream may say nothing before it is taken for dead.
func (o *SubscribeOptions) silence() time.Duration {
	if o.ProgressInterval > 0 {
		return 3 * o.ProgressInterval
	}
	return 3 * defaultProgressInterval
}
