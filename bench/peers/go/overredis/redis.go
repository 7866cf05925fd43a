package overredis

import (
	"bufio"
	"net"
	"sync"
	"time"

	"callwire-bench/event"
	"callwire-bench/load"
)

const stream = "calls"

// Depths of the texts in the reply to XREAD: [[stream, [[id, [field, value]]]]].
const (
	idDepth    = 4
	valueDepth = 5
)

// Sender writes a batch as one pipeline of XADDs and waits for all their answers. Batches under way share the connection;
// they are answered in order.
type Sender struct {
	connection net.Conn
	shape      event.Shape
	mutex      sync.Mutex
	out        []byte
	scratch    []byte
	waiting    chan answer
}

type answer struct {
	replies int
	done    chan error
}

var _ load.Sender = (*Sender)(nil)

// Open connects.
func Open(address string, shape event.Shape) (*Sender, error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	sender := &Sender{connection: connection, shape: shape, waiting: make(chan answer, 8_192)}
	go sender.receive()
	return sender, nil
}

func (s *Sender) receive() {
	reader := bufio.NewReaderSize(s.connection, 64<<10)
	var failure error
	for answer := range s.waiting {
		for i := 0; i < answer.replies && failure == nil; i++ {
			failure = eachText(reader, 0, func(int, []byte) {})
		}
		answer.done <- failure
	}
}

// Send publishes a batch.
func (s *Sender) Send(first, count int, at time.Time) error {
	done := make(chan error, 1)
	s.mutex.Lock()
	s.out = s.out[:0]
	for i := first; i < first+count; i++ {
		s.scratch = s.shape.AppendEvent(s.scratch[:0], i, at)
		s.out = append(s.out, "*5\r\n"...)
		for _, word := range []string{"XADD", stream, "*", "e"} {
			s.out = bulk(s.out, word)
		}
		s.out = bulk(s.out, s.scratch)
	}
	_, err := s.connection.Write(s.out)
	if err == nil {
		s.waiting <- answer{count, done}
	}
	s.mutex.Unlock()
	if err != nil {
		return err
	}
	return <-done
}

// Close ends the connection.
func (s *Sender) Close() {
	close(s.waiting)
	_ = s.connection.Close()
}

// Subscribe reads the stream by XREAD, blocking at its end, and counts what it receives.
func Subscribe(address string, earliest bool, tally *load.Tally) error {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	reader := bufio.NewReaderSize(connection, 64<<10)
	last := "0-0"
	if !earliest {
		if _, err := connection.Write(command(nil, "XREVRANGE", stream, "+", "-", "COUNT", "1")); err != nil {
			return err
		}
		err := eachText(reader, 0, func(depth int, text []byte) {
			if depth == 2 {
				last = string(text)
			}
		})
		if err != nil {
			return err
		}
	}
	go func() { tally.Fail(receive(connection, reader, last, tally)) }()
	return nil
}

func receive(connection net.Conn, reader *bufio.Reader, last string, tally *load.Tally) error {
	var request []byte
	id := []byte(last)
	for {
		request = command(request[:0], "XREAD", "COUNT", "1000", "BLOCK", "0", "STREAMS", stream, string(id))
		if _, err := connection.Write(request); err != nil {
			return err
		}
		events := 0
		err := eachText(reader, 0, func(depth int, text []byte) {
			switch {
			case depth == idDepth:
				id = append(id[:0], text...)
			case depth == valueDepth && len(text) > 1:
				tally.Event(text, time.Now())
				events++
			}
		})
		if err != nil {
			return err
		}
		tally.Add(events)
	}
}
