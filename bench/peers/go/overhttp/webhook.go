// Package overhttp posts webhooks.
package overhttp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"callwire-bench/event"
	"callwire-bench/load"
)

// Sender posts single events over one connection that is kept, by HTTP/1.1 as plain bytes: an ordinary client would cost
// more than the server that is measured.
type Sender struct {
	connection net.Conn
	reader     *bufio.Reader
	address    string
	shape      event.Shape
	request    []byte
}

var _ load.Sender = (*Sender)(nil)

// Open connects.
func Open(address string, shape event.Shape) (*Sender, error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &Sender{connection: connection, reader: bufio.NewReader(connection), address: address, shape: shape}, nil
}

// Send posts the events one after the other, each once the one before is answered. Not for several goroutines.
func (s *Sender) Send(first, count int, _ time.Time) error {
	for i := first; i < first+count; i++ {
		s.request = s.shape.Webhook(s.request[:0], i, s.address)
		if _, err := s.connection.Write(s.request); err != nil {
			return err
		}
		if err := s.response(); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sender) response() error {
	status, length := 0, -1
	for {
		line, err := s.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case status == 0:
			if len(line) < 12 {
				return errors.New("not a response of HTTP/1.1")
			}
			status, _ = strconv.Atoi(string(line[9:12]))
		case bytes.EqualFold(name, []byte("content-length")):
			length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
		case len(line) == 0:
			if length < 0 {
				return errors.New("a response without its length")
			}
			if _, err := s.reader.Discard(length); err != nil {
				return err
			}
			if status != 200 {
				return fmt.Errorf("HTTP %d", status)
			}
			return nil
		}
	}
}

// Close ends the connection.
func (s *Sender) Close() { _ = s.connection.Close() }
