package callwire

import (
	"strconv"
	"strings"
)

const epochDigits = 8

// splitCursor takes `<epoch>-<offset>` apart. ok is false for what is not a cursor.
func splitCursor(cursor string) (epoch string, offset uint64, ok bool) {
	epoch, digits, found := strings.Cut(cursor, "-")
	if !found || len(epoch) != epochDigits {
		return "", 0, false
	}
	offset, err := strconv.ParseUint(digits, 10, 64)
	return epoch, offset, err == nil
}

func isCursor(text string) bool {
	_, _, ok := splitCursor(text)
	return ok
}

func cursorOf(epoch string, offset uint64) string {
	return epoch + "-" + strconv.FormatUint(offset, 10)
}
