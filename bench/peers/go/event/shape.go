// Package event makes the events that the workloads publish: from an index alone, so that every run and every peer gets
// the same ones.
package event

import (
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Shape says how the attributes of event i follow from i. A value is taken in turn, so each occurs equally often.
type Shape struct {
	// Calls that are under way at once.
	Calls int
	// CallLength is the number of events after which a call has ended and another takes its place. 0: it never ends.
	CallLength int
	// Queues and Agents are the numbers of distinct ones.
	Queues, Agents int
}

// Call is the number of the event's call.
func (s Shape) Call(i int) int {
	if s.CallLength == 0 {
		return i % s.Calls
	}
	return i/(s.Calls*s.CallLength)*s.Calls + i%s.Calls
}

func (s Shape) last(i int) bool {
	return s.CallLength > 0 && i%(s.Calls*s.CallLength)/s.Calls == s.CallLength-1
}

// CallID is the id of call number n.
func CallID(n int) string { return "call-" + strconv.Itoa(n) }

// QueueName is the first segment of the path of queue number n.
func QueueName(n int) string { return "queue-" + strconv.Itoa(n) }

// AgentID is the id of agent number n.
func AgentID(n int) string { return strconv.Itoa(1_000 + n) }

const (
	connected    = 4
	disconnected = 11
)

const mediaID = "208188811_124248155@67.231.1.110"

// Field numbers of callwire.v1, in the order in which they are written.
const (
	itemJSON, itemCall, itemTime                 = 1, 3, 6
	requestSource, requestItems, requestSequence = 2, 3, 4
	eventOffset, eventID, eventTenant            = 1, 2, 3
	eventSource, eventTime, eventReceived        = 4, 5, 6
	eventCall                                    = 15
	callID, callState, callDirection             = 1, 2, 4
	callInitiator, callQueueIDs, callQueueNames  = 6, 7, 8
	callLanguage, callQueueUUID                  = 9, 10
	callParticipants, callMediaID                = 13, 15
	partyID, partyType, partyState, partyNumber  = 1, 2, 4, 6
)

func appendText(to []byte, field protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(to, field, protowire.BytesType), text)
}

func appendBytes(to []byte, field protowire.Number, bytes []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, field, protowire.BytesType), bytes)
}

func appendNumber(to []byte, field protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(to, field, protowire.VarintType), value)
}

func appendTime(to []byte, field protowire.Number, at time.Time) []byte {
	var buffer [16]byte
	stamp := appendNumber(buffer[:0], 1, uint64(at.Unix()))
	return appendBytes(to, field, appendNumber(stamp, 2, uint64(at.Nanosecond())))
}

// appendCall writes event i as a CallEvent. Delivered, with its envelope, it has some 190 bytes.
func (s Shape) appendCall(to []byte, i int) []byte {
	to = appendText(to, callID, CallID(s.Call(i)))
	state := uint64(connected)
	if s.last(i) {
		state = disconnected
	}
	to = appendNumber(to, callState, state)
	to = appendNumber(to, callDirection, 1)
	to = appendText(to, callInitiator, "+15550100")
	for _, id := range []string{"1", "2", "3"} {
		to = appendText(to, callQueueIDs, id)
	}
	for _, name := range []string{QueueName(i % s.Queues), "orders", "status"} {
		to = appendText(to, callQueueNames, name)
	}
	to = appendText(appendText(to, callLanguage, "en"), callQueueUUID, "3")
	var buffer [48]byte
	party := appendText(buffer[:0], partyID, AgentID(i%s.Agents))
	party = appendNumber(appendNumber(party, partyType, 1), partyState, 3)
	party = appendText(party, partyNumber, "+15550142")
	to = appendBytes(to, callParticipants, party)
	return appendText(to, callMediaID, mediaID)
}

// AppendEvent writes event i as a delivered Event: what peers that do not normalise carry as their payload.
func (s Shape) AppendEvent(to []byte, i int, at time.Time) []byte {
	var buffer [256]byte
	to = appendNumber(to, eventOffset, uint64(i+1))
	to = appendText(to, eventID, "5f0c1a2b-"+strconv.Itoa(i+1))
	to = appendText(appendText(to, eventTenant, "default"), eventSource, "ccai")
	to = appendTime(appendTime(to, eventTime, at), eventReceived, at)
	return appendBytes(to, eventCall, s.appendCall(buffer[:0], i))
}
