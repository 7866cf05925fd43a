package overgrpc

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"time"

	"callwire-bench/event"
	"callwire-bench/load"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const (
	streamID   = 1
	windowSize = 16 << 20
	headSize   = 5
)

// subscription is one Subscribe on a connection of its own, by HTTP/2 frames alone: a thousand of them must cost less
// than the server that is measured.
type subscription struct {
	connection net.Conn
	framer     *http2.Framer
	tally      *load.Tally
	opened     chan error
	isOpen     bool
	// partial is the beginning of a message whose end is still to come.
	partial []byte
	unsaid  uint32
}

// Subscribe opens a subscription and counts what it receives until it ends, which is a failure. It returns after the first
// response, which tells that the subscription is in force. Subscription i shows the key of client i.
func Subscribe(address string, i int, request []byte, bufferBytes int, tally *load.Tally) error {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	reader := bufio.NewReaderSize(connection, bufferBytes)
	s := &subscription{
		connection: connection, framer: http2.NewFramer(connection, reader), tally: tally, opened: make(chan error, 1),
	}
	s.framer.SetReuseFrames()
	if err := s.open(address, keyOf(i), request); err != nil {
		return err
	}
	go func() {
		if err := s.receive(); s.isOpen {
			tally.Fail(err)
		} else {
			s.opened <- err
		}
	}()
	return <-s.opened
}

// open sends all that a client has to say in one write.
func (s *subscription) open(address, key string, request []byte) error {
	var out bytes.Buffer
	out.WriteString(http2.ClientPreface)
	framer := http2.NewFramer(&out, nil)
	settings := []http2.Setting{
		{ID: http2.SettingInitialWindowSize, Val: windowSize},
		{ID: http2.SettingEnablePush, Val: 0},
	}
	var headers bytes.Buffer
	encoder := hpack.NewEncoder(&headers)
	fields := [][2]string{
		{":method", "POST"}, {":scheme", "http"}, {":path", "/callwire.v1.SubscriptionService/Subscribe"},
		{":authority", address}, {"content-type", "application/grpc+proto"}, {"te", "trailers"},
	}
	if key != "" {
		fields = append(fields, [2]string{"authorization", "Bearer " + key})
	}
	for _, header := range fields {
		if err := encoder.WriteField(hpack.HeaderField{Name: header[0], Value: header[1]}); err != nil {
			return err
		}
	}
	body := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(request)))
	err := errors.Join(
		framer.WriteSettings(settings...),
		framer.WriteWindowUpdate(0, windowSize),
		framer.WriteHeaders(http2.HeadersFrameParam{StreamID: streamID, BlockFragment: headers.Bytes(), EndHeaders: true}),
		framer.WriteData(streamID, true, append(body, request...)),
	)
	if err == nil {
		_, err = s.connection.Write(out.Bytes())
	}
	return err
}

func (s *subscription) receive() error {
	for {
		frame, err := s.framer.ReadFrame()
		if err != nil {
			return err
		}
		switch frame := frame.(type) {
		case *http2.DataFrame:
			err = s.data(frame.Data())
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				err = s.framer.WriteSettingsAck()
			}
		case *http2.PingFrame:
			if !frame.IsAck() {
				err = s.framer.WritePing(true, frame.Data)
			}
		case *http2.HeadersFrame:
			if frame.StreamEnded() {
				err = fmt.Errorf("the stream ended: %s", trailers(frame.HeaderBlockFragment()))
			}
		case *http2.RSTStreamFrame:
			err = fmt.Errorf("the stream was reset: %v", frame.ErrCode)
		case *http2.GoAwayFrame:
			err = fmt.Errorf("the server goes away: %v", frame.ErrCode)
		}
		if err != nil {
			return err
		}
	}
}

// trailers is for a person to read; what refers to earlier header blocks is left out.
func trailers(block []byte) string {
	fields, err := hpack.NewDecoder(4096, nil).DecodeFull(block)
	return fmt.Sprint(fields, err)
}

func (s *subscription) data(chunk []byte) error {
	if s.unsaid += uint32(len(chunk)); s.unsaid > windowSize/2 {
		if err := errors.Join(s.framer.WriteWindowUpdate(0, s.unsaid), s.framer.WriteWindowUpdate(streamID, s.unsaid)); err != nil {
			return err
		}
		s.unsaid = 0
	}
	if len(s.partial) > 0 {
		s.partial = append(s.partial, chunk...)
		rest, err := s.messages(s.partial)
		s.partial = append(s.partial[:0], rest...)
		return err
	}
	rest, err := s.messages(chunk)
	s.partial = append(s.partial, rest...)
	return err
}

// messages counts the events of the whole messages that the bytes begin with, and gives what follows.
func (s *subscription) messages(chunk []byte) ([]byte, error) {
	events, now := 0, time.Now()
	count := func(event []byte) {
		events++
		s.tally.Event(event, now)
	}
	for len(chunk) >= headSize {
		end := headSize + int(binary.BigEndian.Uint32(chunk[1:]))
		if len(chunk) < end {
			break
		}
		if _, err := event.EachElement(chunk[headSize:end], count); err != nil {
			return nil, err
		}
		chunk = chunk[end:]
		if !s.isOpen {
			s.isOpen = true
			s.opened <- nil
		}
	}
	if events > 0 {
		s.tally.Add(events)
	}
	return chunk, nil
}
