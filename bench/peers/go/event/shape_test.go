package event

import (
	"testing"
	"time"

	pb "callwire-bench/callwirev1"

	"google.golang.org/protobuf/proto"
)

var (
	shape = Shape{Calls: 10, CallLength: 5, Queues: 3, Agents: 4}
	at    = time.Unix(1_700_000_000, 123_456_789)
)

func TestRequestsAreWhatTheGeneratedCodeReads(t *testing.T) {
	var request pb.PublishStreamRequest
	if err := proto.Unmarshal(shape.Request(Typed, 47, 5, at, 9), &request); err != nil {
		t.Fatal(err)
	}
	call := request.Items[1].GetCall()
	if request.Sequence != 9 || len(request.Items) != 5 || call.CallId != "call-8" || call.QueuePathNames[0] != "queue-0" ||
		call.Participants[0].GetParticipantId() != "1000" || call.State != pb.CallState_CALL_STATE_DISCONNECTED ||
		!request.Items[1].EventTime.AsTime().Equal(at) || len(request.ProtoReflect().GetUnknown()) > 0 {
		t.Fatalf("%v", &request)
	}
	if first := request.Items[3].GetCall(); first.CallId != "call-10" || first.State != pb.CallState_CALL_STATE_CONNECTED {
		t.Fatalf("a new call follows one that ended: %v", first)
	}
}

func TestEventsAreReadBack(t *testing.T) {
	var decoded pb.Event
	bytes := shape.AppendEvent(nil, 6, at)
	if err := proto.Unmarshal(bytes, &decoded); err != nil || decoded.GetCall().GetCallId() != "call-6" {
		t.Fatalf("%v %v", err, &decoded)
	}
	if read, ok := Time(bytes); !ok || !read.Equal(at) {
		t.Fatalf("%v %v", ok, read)
	}
	response, err := proto.Marshal(&pb.SubscribeResponse{Events: []*pb.Event{&decoded, &decoded}, Cursor: "5f0c1a2b-6"})
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	rest, err := EachElement(response, func([]byte) { count++ })
	if err != nil || count != 2 || len(rest) != 12 {
		t.Fatalf("%d events, %d bytes after them, %v", count, len(rest), err)
	}
	if size := len(bytes); size < 170 || size > 230 {
		t.Fatalf("an event has %d bytes", size)
	}
}
