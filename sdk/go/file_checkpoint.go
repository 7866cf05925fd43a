package callwire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// FileCheckpoint keeps the position in a file with one JSON object, which a crash leaves either old or new, never torn.
// One subscription at a time may use a file.
type FileCheckpoint struct{ path string }

// NewFileCheckpoint names the file. Its folder must exist; the file need not.
func NewFileCheckpoint(path string) *FileCheckpoint { return &FileCheckpoint{path} }

// Load reads the file. A missing file is nothing saved; one that cannot be understood is an error that names it.
func (f *FileCheckpoint) Load(context.Context) (SavedPosition, error) {
	content, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return SavedPosition{}, nil
	}
	if err != nil {
		return SavedPosition{}, fmt.Errorf("callwire: the checkpoint cannot be read: %w", err)
	}
	var position SavedPosition
	if err := json.Unmarshal(content, &position); err != nil {
		return SavedPosition{}, fmt.Errorf("callwire: the checkpoint file %s is corrupt: %w", f.path, err)
	}
	if !isCursor(position.Cursor) {
		return SavedPosition{}, fmt.Errorf("callwire: the checkpoint file %s is corrupt: its cursor is %q", f.path, position.Cursor)
	}
	return position, nil
}

// Save writes a temporary file in the same folder, brings it to the disk and gives it the checkpoint's name.
func (f *FileCheckpoint) Save(_ context.Context, position SavedPosition) error {
	content, err := json.Marshal(position)
	if err != nil {
		return fmt.Errorf("callwire: the checkpoint %s cannot be encoded: %w", f.path, err)
	}
	if err := replaceFile(f.path, append(content, '\n')); err != nil {
		return fmt.Errorf("callwire: the checkpoint %s cannot be saved: %w", f.path, err)
	}
	return nil
}

func replaceFile(path string, content []byte) error {
	folder := filepath.Dir(path)
	temporary, err := os.CreateTemp(folder, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(content)
	if err == nil {
		err = temporary.Sync()
	}
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return syncFolder(folder)
}
