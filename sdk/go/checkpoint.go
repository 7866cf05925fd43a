package callwire

import (
	"context"
	"sync"
)

// SavedPosition is what a checkpoint keeps. The zero value means that nothing was saved yet.
type SavedPosition struct {
	// Cursor is the position up to which everything was handled.
	Cursor string `json:"cursor"`
	// FilterDigest identifies the filters that were in force.
	FilterDigest string `json:"filter_digest"`
}

// Checkpoint keeps the position of one subscription. Calls do not overlap. An error ends the subscription.
type Checkpoint interface {
	// Load gives what was saved last, or the zero value.
	Load(ctx context.Context) (SavedPosition, error)
	// Save replaces what was saved. It returns when the position would survive what the checkpoint is meant to survive.
	Save(ctx context.Context, position SavedPosition) error
}

// MemoryCheckpoint keeps the position in memory: for another subscription in the same process. The zero value is ready.
type MemoryCheckpoint struct {
	mu       sync.Mutex
	position SavedPosition
}

// Load gives what was saved last. It does not fail.
func (m *MemoryCheckpoint) Load(context.Context) (SavedPosition, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.position, nil
}

// Save replaces what was saved. It does not fail.
func (m *MemoryCheckpoint) Save(_ context.Context, position SavedPosition) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.position = position
	return nil
}
