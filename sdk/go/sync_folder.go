//go:build !windows

package callwire

import (
	"errors"
	"os"
)

// syncFolder brings a rename to the disk.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
