// Package overnats publishes and subscribes to nats-server: core by its own plain protocol, JetStream by nats.go.
package overnats

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"

	"callwire-bench/event"
	"callwire-bench/load"
)

// QueueSubject is where the events of a queue are published.
func QueueSubject(queue int) string { return "calls." + event.QueueName(queue) }

const connectLine = "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n"

// CoreSender publishes a batch and waits for the PONG that follows it, so that it is never further ahead of the server.
type CoreSender struct {
	connection net.Conn
	reader     *bufio.Reader
	shape      event.Shape
	mutex      sync.Mutex
	out        []byte
	scratch    []byte
}

var _ load.Sender = (*CoreSender)(nil)

func connect(address string, bufferBytes int) (net.Conn, *bufio.Reader, error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, nil, err
	}
	reader := bufio.NewReaderSize(connection, bufferBytes)
	if _, err := reader.ReadSlice('\n'); err != nil && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, nil, err
	}
	_, err = io.WriteString(connection, connectLine)
	return connection, reader, err
}

// OpenCore connects.
func OpenCore(address string, shape event.Shape) (*CoreSender, error) {
	connection, reader, err := connect(address, 4096)
	return &CoreSender{connection: connection, reader: reader, shape: shape}, err
}

// Send publishes a batch.
func (s *CoreSender) Send(first, count int, at time.Time) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.out = s.out[:0]
	for i := first; i < first+count; i++ {
		s.scratch = s.shape.AppendEvent(s.scratch[:0], i, at)
		s.out = append(s.out, "PUB "+QueueSubject(i%s.shape.Queues)+" "...)
		s.out = strconv.AppendInt(s.out, int64(len(s.scratch)), 10)
		s.out = append(append(append(s.out, "\r\n"...), s.scratch...), "\r\n"...)
	}
	s.out = append(s.out, "PING\r\n"...)
	if _, err := s.connection.Write(s.out); err != nil {
		return err
	}
	return awaitPong(s.connection, s.reader)
}

// Close ends the connection.
func (s *CoreSender) Close() { _ = s.connection.Close() }

func awaitPong(connection net.Conn, reader *bufio.Reader) error {
	for {
		line, err := reader.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		switch {
		case bytes.HasPrefix(line, []byte("PONG")):
			return nil
		case bytes.HasPrefix(line, []byte("-ERR")):
			return errors.New(string(line))
		case bytes.HasPrefix(line, []byte("PING")):
			if _, err := io.WriteString(connection, "PONG\r\n"); err != nil {
				return err
			}
		}
	}
}

// SubscribeCore subscribes on a connection of its own and counts what it receives. It returns once the server has answered
// a PING sent after the subscription.
func SubscribeCore(address, subject string, bufferBytes int, tally *load.Tally) error {
	connection, reader, err := connect(address, bufferBytes)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(connection, "SUB "+subject+" 1\r\nPING\r\n"); err != nil {
		return err
	}
	if err := awaitPong(connection, reader); err != nil {
		return err
	}
	go func() { tally.Fail(receiveCore(connection, reader, tally)) }()
	return nil
}

func receiveCore(connection net.Conn, reader *bufio.Reader, tally *load.Tally) error {
	events, now := 0, time.Now()
	for {
		// What the buffer holds came together and is counted together.
		arriving := reader.Buffered() == 0
		if events > 0 && arriving {
			tally.Add(events)
			events = 0
		}
		line, err := reader.ReadSlice('\n')
		if arriving {
			now = time.Now()
		}
		switch {
		case err != nil:
			return err
		case bytes.HasPrefix(line, []byte("MSG ")):
			size, err := strconv.Atoi(string(bytes.TrimSpace(line[bytes.LastIndexByte(line, ' '):])))
			if err != nil {
				return err
			}
			payload, err := reader.Peek(size)
			if err != nil {
				return err
			}
			tally.Event(payload, now)
			if _, err := reader.Discard(size + 2); err != nil {
				return err
			}
			events++
		case bytes.HasPrefix(line, []byte("PING")):
			if _, err := io.WriteString(connection, "PONG\r\n"); err != nil {
				return err
			}
		case bytes.HasPrefix(line, []byte("-ERR")):
			return fmt.Errorf("nats-server: %s", line)
		}
	}
}
