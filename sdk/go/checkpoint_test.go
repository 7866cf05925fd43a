package callwire

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var somePosition = SavedPosition{Cursor: "0a1b2c3d-12", FilterDigest: "00112233445566aa"}

func TestCheckpointsGiveBackWhatWasSavedLast(t *testing.T) {
	for name, checkpoint := range map[string]Checkpoint{
		"memory": &MemoryCheckpoint{},
		"file":   NewFileCheckpoint(filepath.Join(t.TempDir(), "position.json")),
	} {
		t.Run(name, func(t *testing.T) {
			if loaded, err := checkpoint.Load(t.Context()); err != nil || loaded != (SavedPosition{}) {
				t.Fatalf("before the first save: %v, %v", loaded, err)
			}
			for _, position := range []SavedPosition{{Cursor: "0a1b2c3d-11"}, somePosition} {
				if err := checkpoint.Save(t.Context(), position); err != nil {
					t.Fatal(err)
				}
			}
			if loaded, err := checkpoint.Load(t.Context()); err != nil || loaded != somePosition {
				t.Errorf("loaded %v, %v", loaded, err)
			}
		})
	}
}

func TestACheckpointFileIsOneObjectAndNothingIsLeftBesideIt(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "position.json")
	if err := NewFileCheckpoint(path).Save(t.Context(), somePosition); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if want := `{"cursor":"0a1b2c3d-12","filter_digest":"00112233445566aa"}` + "\n"; err != nil || string(content) != want {
		t.Errorf("the file has %q, %v", content, err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
}

func TestACorruptCheckpointFileIsAnErrorThatNamesIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "position.json")
	for _, content := range []string{"", "{", "[]", `"x"`, "{}", `{"cursor":"12"}`, `{"cursor":"0a1b2c3d-x"}`} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := NewFileCheckpoint(path).Load(t.Context()); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", content, err)
		}
	}
}

func TestACheckpointThatCannotBeSavedIsAnErrorAndKeepsWhatWasThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder")
	if err := os.MkdirAll(filepath.Join(path, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := NewFileCheckpoint(path).Save(t.Context(), somePosition); err == nil {
		t.Error("a folder was replaced by a file")
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
