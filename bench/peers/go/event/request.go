package event

import (
	"strconv"
	"time"
)

// AppendSource writes event i as the source's own JSON object, like the examples of its specification.
func (s Shape) AppendSource(to []byte, i int) []byte {
	state := "connected"
	if s.last(i) {
		state = "disconnected"
	}
	to = append(to, `{"type":"CallState","item":{"CallID":"`...)
	to = append(to, CallID(s.Call(i))...)
	to = append(to, `","State":"`...)
	to = append(to, state...)
	to = append(to, `","Direction":"incoming","Initiator":"+123456789","Queue_path_ids":"1/2/3","Queue_path_names":"`...)
	to = append(to, QueueName(i%s.Queues)...)
	to = append(to, `/orders/status","Language":"en","Queue_uuid":3,"Recording_permitted":true,"Participants":[`...)
	to = append(to, `{"ParticipantID":"+123456789","Type":"external","State":"connected"},{"ParticipantID":"`...)
	to = append(to, AgentID(i%s.Agents)...)
	to = append(to, `","Type":"agent","State":"connected"}],"MediaID":"`...)
	to = append(to, mediaID...)
	return append(to, `"}}`...)
}

// Form is how an event is published.
type Form int

const (
	Typed Form = iota
	JSON
)

// Request writes a PublishEventsRequest, or a PublishStreamRequest when sequence is not 0.
func (s Shape) Request(form Form, first, count int, at time.Time, sequence uint64) []byte {
	to := appendText(make([]byte, 0, 32+count*600), requestSource, "ccai")
	var item, inner []byte
	for i := first; i < first+count; i++ {
		if form == JSON {
			inner = s.AppendSource(inner[:0], i)
			item = appendBytes(item[:0], itemJSON, inner)
		} else {
			inner = s.appendCall(inner[:0], i)
			item = appendBytes(item[:0], itemCall, inner)
		}
		item = appendTime(item, itemTime, at)
		to = appendBytes(to, requestItems, item)
	}
	if sequence != 0 {
		to = appendNumber(to, requestSequence, sequence)
	}
	return to
}

// Webhook writes event i as an HTTP/1.1 request.
func (s Shape) Webhook(to []byte, i int, host string) []byte {
	body := s.AppendSource(nil, i)
	to = append(to, "POST /webhooks/default/ccai HTTP/1.1\r\nhost: "+host...)
	to = append(to, "\r\ncontent-type: application/json\r\ncontent-length: "+strconv.Itoa(len(body))+"\r\n\r\n"...)
	return append(to, body...)
}
