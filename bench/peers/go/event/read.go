package event

import (
	"errors"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

var errMalformed = errors.New("not a message of callwire.v1")

const repeatedOne = 1<<3 | byte(protowire.BytesType)

// EachElement calls with each element of the repeated field 1 that a message begins with: the events of a
// SubscribeResponse or the results of a PublishEventsResponse. Nothing is decoded or copied. It returns what follows.
func EachElement(message []byte, call func(element []byte)) (rest []byte, err error) {
	for len(message) > 0 && message[0] == repeatedOne {
		element, n := protowire.ConsumeBytes(message[1:])
		if n < 0 {
			return nil, errMalformed
		}
		call(element)
		message = message[1+n:]
	}
	return message, nil
}

// Time reads the event_time of an Event. False when it has none.
func Time(event []byte) (time.Time, bool) {
	stamp, ok := field(event, eventTime)
	if !ok {
		return time.Time{}, false
	}
	return time.Unix(int64(number(stamp, 1)), int64(number(stamp, 2))), true
}

// field finds the first field of a number that holds bytes.
func field(message []byte, wanted protowire.Number) ([]byte, bool) {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil, false
		}
		message = message[n:]
		if number == wanted && kind == protowire.BytesType {
			value, n := protowire.ConsumeBytes(message)
			return value, n >= 0
		}
		if n = protowire.ConsumeFieldValue(number, kind, message); n < 0 {
			return nil, false
		}
		message = message[n:]
	}
	return nil, false
}

func number(message []byte, wanted protowire.Number) uint64 {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 || kind != protowire.VarintType {
			return 0
		}
		value, m := protowire.ConsumeVarint(message[n:])
		if m < 0 {
			return 0
		}
		if field == wanted {
			return value
		}
		message = message[n+m:]
	}
	return 0
}
