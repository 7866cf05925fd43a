package callwire

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callwire/callwire/sdk/go/internal/scripted"
)

// countingCheckpoint counts saves, and fails when told.
type countingCheckpoint struct {
	MemoryCheckpoint
	saves   atomic.Int64
	failure error
}

func (c *countingCheckpoint) Save(ctx context.Context, position SavedPosition) error {
	c.saves.Add(1)
	if c.failure != nil {
		return c.failure
	}
	return c.MemoryCheckpoint.Save(ctx, position)
}

func handledEvent(offset uint64) item {
	return item{delivery: EventDelivery{}, cursor: scripted.Cursor(offset)}
}

func TestThePositionIsSavedAfterSoManyEvents(t *testing.T) {
	checkpoint := &countingCheckpoint{}
	saver := newSaver(t.Context(), checkpoint, SavePolicy{Events: 3, Interval: time.Hour}, SavedPosition{})
	for offset := uint64(1); offset <= 7; offset++ {
		if err := saver.handled(handledEvent(offset)); err != nil {
			t.Fatal(err)
		}
	}
	if saved, _ := checkpoint.Load(t.Context()); checkpoint.saves.Load() != 2 || saved.Cursor != scripted.Cursor(6) {
		t.Errorf("%d saves, the last of %s", checkpoint.saves.Load(), saved.Cursor)
	}
	if err := saver.close(); err != nil {
		t.Fatal(err)
	}
	if saved, _ := checkpoint.Load(t.Context()); saved.Cursor != scripted.Cursor(7) {
		t.Errorf("closed at %s", saved.Cursor)
	}
}

func TestThePositionIsSavedAfterAWhileAlthoughNothingMoreIsHandled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		checkpoint := &countingCheckpoint{}
		saver := newSaver(t.Context(), checkpoint, SavePolicy{}, SavedPosition{})
		_ = saver.handled(item{cursor: scripted.Cursor(1), digest: "d"})
		time.Sleep(999 * time.Millisecond)
		if checkpoint.saves.Load() != 0 {
			t.Error("saved too early")
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if saved, _ := checkpoint.Load(t.Context()); saved != (SavedPosition{scripted.Cursor(1), "d"}) {
			t.Errorf("saved %v", saved)
		}
		_ = saver.close()
		if checkpoint.saves.Load() != 1 {
			t.Error("saved again without need")
		}
	})
}

func TestAFailureOnTimeIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("disk full")
		saver := newSaver(t.Context(), &countingCheckpoint{failure: full}, SavePolicy{}, SavedPosition{})
		_ = saver.handled(handledEvent(1))
		if err := <-saver.failed; !errors.Is(err, full) {
			t.Errorf("reported %v", err)
		}
	})
}

func TestWithoutACursorThereIsNothingToSave(t *testing.T) {
	checkpoint := &countingCheckpoint{}
	saver := newSaver(t.Context(), checkpoint, SavePolicy{Events: 1}, SavedPosition{})
	_ = saver.handled(item{digest: "d"})
	if err := saver.close(); err != nil || checkpoint.saves.Load() != 0 {
		t.Errorf("%d saves, %v", checkpoint.saves.Load(), err)
	}
}
