// Package overredis publishes to and reads from a Redis stream by the plain protocol.
package overredis

import (
	"bufio"
	"errors"
	"fmt"
	"strconv"
)

// command writes a command as an array of bulk strings.
func command(to []byte, words ...string) []byte {
	to = append(strconv.AppendInt(append(to, '*'), int64(len(words)), 10), "\r\n"...)
	for _, word := range words {
		to = bulk(to, word)
	}
	return to
}

func bulk[T string | []byte](to []byte, word T) []byte {
	to = append(strconv.AppendInt(append(to, '$'), int64(len(word)), 10), "\r\n"...)
	return append(append(to, word...), "\r\n"...)
}

// eachText reads one reply and calls with each of its texts, and how deep in arrays it is. The text is the reader's until
// the next read.
func eachText(reader *bufio.Reader, depth int, call func(depth int, text []byte)) error {
	line, err := reader.ReadSlice('\n')
	if err != nil {
		return err
	}
	if len(line) < 3 {
		return errors.New("redis: an empty reply")
	}
	head, rest := line[0], line[1:len(line)-2]
	switch head {
	case '-':
		return fmt.Errorf("redis: %s", rest)
	case '+', ':':
		return nil
	}
	size, err := strconv.Atoi(string(rest))
	switch {
	case err != nil:
		return err
	case size < 0:
		return nil
	case head == '*':
		for range size {
			if err := eachText(reader, depth+1, call); err != nil {
				return err
			}
		}
		return nil
	case head == '$':
		text, err := reader.Peek(size)
		if err != nil {
			return err
		}
		call(depth, text)
		_, err = reader.Discard(size + 2)
		return err
	}
	return fmt.Errorf("redis: a reply of kind %q", head)
}
