package callwire

import (
	"reflect"
	"testing"

	"github.com/callwire/callwire/sdk/go/callwirev1"
	"github.com/callwire/callwire/sdk/go/internal/scripted"
)

func fromLatest(snapshot bool) *resume {
	return newResume(&callwirev1.SubscribeRequest{IncludeSnapshot: snapshot}, SavedPosition{})
}

func deliveries(items []item) []Delivery {
	var found []Delivery
	for _, item := range items {
		if item.delivery != nil {
			found = append(found, item.delivery)
		}
	}
	return found
}

func expectAfter(t *testing.T, r *resume, cursor string) {
	t.Helper()
	if got := r.request().GetAfterCursor(); got != cursor {
		t.Errorf("the next stream begins after %q, not %q", got, cursor)
	}
}

func TestBeforeTheFirstCursorTheOriginalPositionIsAskedForAgain(t *testing.T) {
	options := SubscribeOptions{Start: FromEarliest()}
	r := newResume(options.request(), SavedPosition{})
	for range 2 {
		if got := r.request().GetStart(); got != callwirev1.StartPosition_START_POSITION_EARLIEST {
			t.Errorf("asked for %v", got)
		}
	}
}

func TestASavedPositionWinsOverTheStart(t *testing.T) {
	options := SubscribeOptions{Start: FromEarliest()}
	expectAfter(t, newResume(options.request(), SavedPosition{Cursor: scripted.Cursor(7)}), scripted.Cursor(7))
}

func TestTheCursorHandledMovesPerEventAndEndsAtTheResponses(t *testing.T) {
	r := fromLatest(false)
	response := scripted.Events(3, 5)
	response.Cursor = scripted.Cursor(9)
	response.Notice = &callwirev1.SubscribeResponse_CaughtUp{}
	items, _ := r.take(response)
	cursors := []string{items[0].cursor, items[1].cursor, items[2].cursor}
	if want := []string{scripted.Cursor(3), scripted.Cursor(9), ""}; !reflect.DeepEqual(cursors, want) {
		t.Errorf("cursors %v, not %v", cursors, want)
	}
	if own := items[1].delivery.(EventDelivery).Cursor; own != scripted.Cursor(5) {
		t.Errorf("the event's own cursor is %s", own)
	}
	expectAfter(t, r, scripted.Cursor(9))
}

func TestAResponseWithoutEventsMovesThePosition(t *testing.T) {
	r := fromLatest(false)
	items, _ := r.take(scripted.At(12))
	if len(items) != 1 || items[0].cursor != scripted.Cursor(12) || items[0].delivery != nil {
		t.Errorf("got %+v", items)
	}
}

func TestAnEventThatCameBeforeIsDropped(t *testing.T) {
	r := newResume(&callwirev1.SubscribeRequest{}, SavedPosition{Cursor: scripted.Cursor(4)})
	items, _ := r.take(scripted.Events(3, 4, 5))
	again, _ := r.take(scripted.Events(5, 6))
	if len(deliveries(items)) != 1 || len(deliveries(again)) != 1 {
		t.Errorf("delivered %v and %v", items, again)
	}
}

func TestASnapshotIsOneDeliveryAndRepeatedWhenItWasCut(t *testing.T) {
	begin := &callwirev1.SubscribeResponse{Notice: &callwirev1.SubscribeResponse_SnapshotBegin{SnapshotBegin: &callwirev1.SnapshotBegin{}}}
	sessions := &callwirev1.SubscribeResponse{Sessions: []*callwirev1.Session{{SessionId: "a"}, {SessionId: "b"}}}
	end := scripted.At(20)
	end.Notice = &callwirev1.SubscribeResponse_SnapshotEnd{SnapshotEnd: &callwirev1.SnapshotEnd{}}

	r := fromLatest(true)
	r.request()
	for _, response := range []*callwirev1.SubscribeResponse{begin, sessions} {
		if items, _ := r.take(response); len(items) != 0 {
			t.Errorf("a snapshot under way gave %v", items)
		}
	}
	if !r.request().GetIncludeSnapshot() {
		t.Fatal("the snapshot that was cut is not asked for again")
	}
	r.take(begin)
	r.take(sessions)
	items, _ := r.take(end)
	snapshot, is := items[0].delivery.(SnapshotDelivery)
	if !is || len(snapshot.Sessions) != 2 || snapshot.Cursor != scripted.Cursor(20) || items[0].cursor != scripted.Cursor(20) {
		t.Errorf("got %+v", items)
	}
	if r.request().GetIncludeSnapshot() {
		t.Error("a snapshot that was received whole is asked for again")
	}
}

func TestAGapOnAResumedStreamAsksForTheSnapshotAgain(t *testing.T) {
	r := fromLatest(true)
	r.owesSnapshot = false
	r.request()
	gap := scripted.At(30)
	gap.Notice = &callwirev1.SubscribeResponse_Gap{Gap: &callwirev1.Gap{FromCursor: scripted.Cursor(9), ToCursor: scripted.Cursor(30)}}
	items, _ := r.take(gap)
	if got := deliveries(items); !reflect.DeepEqual(got, []Delivery{GapDelivery{scripted.Cursor(9), scripted.Cursor(30)}}) {
		t.Errorf("delivered %v", got)
	}
	if !r.reopen() {
		t.Fatal("the stream is read on without the snapshot that follows a gap")
	}
	if next := r.request(); !next.GetIncludeSnapshot() || next.GetAfterCursor() != scripted.Cursor(30) || r.reopen() {
		t.Errorf("the next stream asks for %v", next)
	}
}

func TestOtherFiltersThanBeforeAreToldFirst(t *testing.T) {
	r := newResume(&callwirev1.SubscribeRequest{}, SavedPosition{Cursor: scripted.Cursor(1), FilterDigest: "old"})
	response := scripted.Events(2)
	response.FilterDigest = "new"
	items, _ := r.take(response)
	if items[0].delivery != (FilterChangedDelivery{PreviousDigest: "old", Digest: "new"}) || items[0].digest != "new" {
		t.Errorf("first came %+v", items[0])
	}
	if items, _ := r.take(response); len(deliveries(items)) != 0 {
		t.Errorf("told again: %v", items)
	}
}

func TestTheFirstFiltersAreRememberedWithoutADelivery(t *testing.T) {
	response := scripted.At(2)
	response.FilterDigest = "new"
	items, _ := fromLatest(false).take(response)
	if len(deliveries(items)) != 0 || items[0].digest != "new" {
		t.Errorf("got %+v", items)
	}
}

func TestWhatCountsAsProgress(t *testing.T) {
	progress := func(offset uint64) *callwirev1.SubscribeResponse {
		response := scripted.At(offset)
		response.Progress = &callwirev1.Progress{}
		return response
	}
	for name, step := range map[string]struct {
		before []*callwirev1.SubscribeResponse
		next   *callwirev1.SubscribeResponse
		useful bool
	}{
		"the first cursor":             {nil, scripted.At(5), false},
		"progress in the first":        {nil, progress(5), false},
		"an event in the first":        {nil, scripted.Events(5), true},
		"the same cursor again":        {[]*callwirev1.SubscribeResponse{scripted.At(5)}, scripted.At(5), false},
		"a moved cursor":               {[]*callwirev1.SubscribeResponse{scripted.At(5)}, scripted.At(6), true},
		"progress later":               {[]*callwirev1.SubscribeResponse{scripted.At(5)}, progress(5), true},
		"an event that came before":    {[]*callwirev1.SubscribeResponse{scripted.Events(5)}, scripted.Events(5), false},
		"nothing, without any meaning": {[]*callwirev1.SubscribeResponse{scripted.At(5)}, &callwirev1.SubscribeResponse{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := fromLatest(false)
			r.request()
			for _, response := range step.before {
				r.take(response)
			}
			if _, useful := r.take(step.next); useful != step.useful {
				t.Errorf("useful: %v", useful)
			}
		})
	}
}
