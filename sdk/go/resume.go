package callwire

import (
	"google.golang.org/protobuf/proto"

	"github.com/callwire/callwire/sdk/go/callwirev1"
)

// resume is the position of a subscription on the receiving side: what has been received whole, and hence what the next
// stream is asked for. It does no input or output.
//
// A response either counts as a whole or not at all, so the position is always the cursor of the last response. While
// a snapshot is under way responses have no cursor, and a cut repeats the snapshot from where it began.
type resume struct {
	origin *callwirev1.SubscribeRequest
	// cursor of the last response with one; empty before.
	cursor string
	// digest of the filters that the position belongs to; empty before the first stream without a saved one.
	digest string
	// epoch and lastOffset are those of the last event.
	epoch      string
	lastOffset uint64
	// owesSnapshot is true until the snapshot was received whole, and again after each gap.
	owesSnapshot bool
	snapshot     *pendingSnapshot
	// first is true until the stream's first response.
	first bool
	// asked says whether the stream was asked for a snapshot.
	asked bool
}

// pendingSnapshot collects a snapshot that is under way.
type pendingSnapshot struct{ sessions []*callwirev1.Session }

func newResume(origin *callwirev1.SubscribeRequest, saved SavedPosition) *resume {
	r := &resume{origin: origin, cursor: saved.Cursor, digest: saved.FilterDigest, owesSnapshot: origin.GetIncludeSnapshot()}
	start := saved.Cursor
	if start == "" {
		start = origin.GetAfterCursor()
	}
	r.epoch, r.lastOffset, _ = splitCursor(start)
	return r
}

// request is what to ask the next stream for.
func (r *resume) request() *callwirev1.SubscribeRequest {
	request := proto.CloneOf(r.origin)
	request.IncludeSnapshot = r.owesSnapshot
	if r.cursor != "" {
		request.Position = &callwirev1.SubscribeRequest_AfterCursor{AfterCursor: r.cursor}
	}
	r.first, r.asked, r.snapshot = true, r.owesSnapshot, nil
	return request
}

// bounded says whether the stream may end with OK.
func (r *resume) bounded() bool { return r.origin.GetEnd() != nil }

// reopen says whether the stream has to be asked again because it will not send a snapshot that a gap made necessary.
func (r *resume) reopen() bool { return r.owesSnapshot && !r.asked }

// take turns a response into what the consumer gets of it, and moves the position. useful says whether the subscription
// got anywhere by it.
func (r *resume) take(response *callwirev1.SubscribeResponse) (items []item, useful bool) {
	if epoch, _, ok := splitCursor(response.GetCursor()); ok {
		r.epoch = epoch
	}
	items = r.takeDigest(items, response.GetFilterDigest())
	items = r.takeLeadingNotice(items, response)
	before := len(items)
	items = r.takeEvents(items, response)
	useful = len(items) > before || response.GetProgress() != nil && !r.first
	items = takeTrailingNotice(items, response)
	if cursor := response.GetCursor(); cursor != "" {
		useful = useful || r.cursor != "" && r.cursor != cursor
		r.cursor = cursor
		items = settleCursor(items, cursor)
	}
	r.first = false
	return items, useful
}

func (r *resume) takeDigest(items []item, digest string) []item {
	if digest == "" || digest == r.digest {
		return items
	}
	changed := item{digest: digest}
	if r.digest != "" {
		changed.delivery = FilterChangedDelivery{PreviousDigest: r.digest, Digest: digest}
	}
	r.digest = digest
	return append(items, changed)
}

// takeLeadingNotice handles the notices that come before the events of their response.
func (r *resume) takeLeadingNotice(items []item, response *callwirev1.SubscribeResponse) []item {
	if gap := response.GetGap(); gap != nil {
		r.owesSnapshot = r.origin.GetIncludeSnapshot()
		items = append(items, item{
			delivery: GapDelivery{FromCursor: gap.GetFromCursor(), ToCursor: gap.GetToCursor()},
			cursor:   gap.GetToCursor(),
		})
	}
	if response.GetSnapshotBegin() != nil {
		r.snapshot = &pendingSnapshot{}
	}
	if r.snapshot != nil {
		r.snapshot.sessions = append(r.snapshot.sessions, response.GetSessions()...)
	}
	if response.GetSnapshotEnd() != nil && r.snapshot != nil {
		whole := SnapshotDelivery{Sessions: r.snapshot.sessions, Cursor: response.GetCursor()}
		r.snapshot, r.owesSnapshot = nil, false
		items = append(items, item{delivery: whole, cursor: response.GetCursor()})
	}
	return items
}

func (r *resume) takeEvents(items []item, response *callwirev1.SubscribeResponse) []item {
	for i, event := range response.GetEvents() {
		if event.GetOffset() <= r.lastOffset {
			continue
		}
		r.lastOffset = event.GetOffset()
		delivery := eventDelivery(r.epoch, event, response.GetMatches(), i)
		items = append(items, item{delivery: delivery, cursor: delivery.Cursor})
	}
	return items
}

// takeTrailingNotice handles what comes after the events of its response.
func takeTrailingNotice(items []item, response *callwirev1.SubscribeResponse) []item {
	switch notice := response.GetNotice().(type) {
	case *callwirev1.SubscribeResponse_CaughtUp:
		items = append(items, item{status: CaughtUpStatus{}})
	case *callwirev1.SubscribeResponse_FellBehind:
		items = append(items, item{status: FellBehindStatus{QueuedBytes: notice.FellBehind.GetQueuedBytes()}})
	case *callwirev1.SubscribeResponse_GoingAway:
		items = append(items, item{delivery: GoingAwayDelivery{RetryAfter: notice.GoingAway.GetRetryAfter().AsDuration()}})
	}
	if progress := response.GetProgress(); progress != nil {
		items = append(items, item{status: ProgressStatus{
			HeadCursor:   progress.GetHeadCursor(),
			EventsBehind: progress.GetEventsBehind(),
			ServerTime:   progress.GetServerTime().AsTime(),
		}})
	}
	return items
}

// settleCursor makes the response's cursor the position handled with its last event, or with its last item when it has
// no event.
func settleCursor(items []item, cursor string) []item {
	for i := len(items) - 1; i >= 0; i-- {
		if items[i].isEvent() {
			items[i].cursor = cursor
			return items
		}
	}
	if len(items) == 0 {
		return []item{{cursor: cursor}}
	}
	items[len(items)-1].cursor = cursor
	return items
}

func eventDelivery(epoch string, event *callwirev1.Event, matches []*callwirev1.FilterMatch, i int) EventDelivery {
	delivery := EventDelivery{Event: event, Cursor: cursorOf(epoch, event.GetOffset())}
	if i < len(matches) {
		delivery.Matches = matches[i].GetFilters()
	}
	return delivery
}
