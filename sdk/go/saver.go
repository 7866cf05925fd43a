package callwire

import (
	"context"
	"sync"
	"time"
)

// saver keeps the position handled and brings it to the checkpoint as often as its policy says.
type saver struct {
	ctx        context.Context
	checkpoint Checkpoint
	policy     SavePolicy
	// failed gets the first error of a save that the timer made.
	failed chan error

	mu       sync.Mutex
	position SavedPosition
	// dirty says whether the position differs from what was saved; events counts those handled since.
	dirty  bool
	events int
	timer  *time.Timer
}

// newSaver begins at what was loaded. A nil checkpoint is kept track of, and not saved.
func newSaver(ctx context.Context, checkpoint Checkpoint, policy SavePolicy, loaded SavedPosition) *saver {
	return &saver{
		ctx:        context.WithoutCancel(ctx),
		checkpoint: checkpoint,
		policy:     policy.withDefaults(),
		failed:     make(chan error, 1),
		position:   loaded,
	}
}

// handled moves the position by an item.
func (s *saver) handled(done item) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if done.isEvent() {
		s.events++
	}
	if done.cursor != "" && done.cursor != s.position.Cursor {
		s.position.Cursor, s.dirty = done.cursor, true
	}
	if done.digest != "" && done.digest != s.position.FilterDigest {
		s.position.FilterDigest, s.dirty = done.digest, true
	}
	if s.events >= s.policy.Events {
		return s.save()
	}
	if s.dirty && s.checkpoint != nil && s.timer == nil {
		s.timer = time.AfterFunc(s.policy.Interval, s.saveOnTime)
	}
	return nil
}

func (s *saver) saveOnTime() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.save(); err != nil {
		select {
		case s.failed <- err:
		default:
		}
	}
}

// close saves what is not saved yet.
func (s *saver) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.save()
}

// save is called with the lock held. Before the first cursor there is no position to save.
func (s *saver) save() error {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	s.events = 0
	if s.checkpoint == nil || !s.dirty || s.position.Cursor == "" {
		return nil
	}
	if err := s.checkpoint.Save(s.ctx, s.position); err != nil {
		return err
	}
	s.dirty = false
	return nil
}

// cursor is the position handled.
func (s *saver) cursor() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.position.Cursor
}
