package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	callwire "github.com/callwire/callwire/sdk/go"
	"github.com/callwire/callwire/sdk/go/callwirev1"
	"github.com/callwire/callwire/sdk/go/internal/gatewaytest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// scene is one event of a call, at a second.
type scene struct {
	second   int
	state    callwirev1.CallState
	redacted bool
	trigger  callwirev1.Trigger
}

// play gives the deliveries of one call.
func play(scenes ...scene) []callwire.Delivery {
	session := &callwirev1.Session{
		Direction:      callwirev1.Direction_DIRECTION_INCOMING,
		QueuePathNames: []string{"support", "orders"},
		Agents:         []*callwirev1.AgentSpan{{AgentId: "9", JoinedOffset: 2}, {AgentId: "7", JoinedOffset: 4}, {AgentId: "9", JoinedOffset: 6}},
		Open:           true,
	}
	var deliveries []callwire.Delivery
	for i, scene := range scenes {
		at := timestamppb.New(noon.Add(time.Duration(scene.second) * time.Second))
		spans := session.GetRedactionSpans()
		switch last := len(spans) - 1; {
		case scene.redacted && (last < 0 || spans[last].EndTime != nil):
			session.RedactionSpans = append(spans, &callwirev1.ParticipantSpan{BeginTime: at})
		case !scene.redacted && last >= 0 && spans[last].EndTime == nil:
			spans[last].EndTime = at
		}
		if scene.state == callwirev1.CallState_CALL_STATE_CONNECTED && session.AnsweredTime == nil {
			session.AnsweredTime = at
		}
		session.Open = scene.trigger != callwirev1.Trigger_TRIGGER_CALL_ENDED && scene.trigger != callwirev1.Trigger_TRIGGER_CALL_EXPIRED
		deliveries = append(deliveries, callwire.EventDelivery{Event: &callwirev1.Event{
			Offset:          uint64(10 + i),
			SessionOffset:   10,
			Source:          "ccai",
			ReceivedTime:    at,
			RedactionActive: scene.redacted,
			Changes:         []callwirev1.Trigger{scene.trigger},
			Payload:         &callwirev1.Event_Call{Call: &callwirev1.CallEvent{CallId: "c1", State: scene.state}},
			Session:         proto.CloneOf(session),
		}})
	}
	return deliveries
}

const (
	ringing      = callwirev1.CallState_CALL_STATE_RINGING
	connected    = callwirev1.CallState_CALL_STATE_CONNECTED
	disconnected = callwirev1.CallState_CALL_STATE_DISCONNECTED
	none         = callwirev1.Trigger_TRIGGER_UNSPECIFIED
	callEnded    = callwirev1.Trigger_TRIGGER_CALL_ENDED
	callExpired  = callwirev1.Trigger_TRIGGER_CALL_EXPIRED
)

// record gives the lines of what recorders write, each of which continues where the one before was killed.
func record(t *testing.T, parts ...[]callwire.Delivery) []string {
	t.Helper()
	var out bytes.Buffer
	for _, deliveries := range parts {
		recorder := newRecorder(&out, slog.New(slog.DiscardHandler))
		for _, delivery := range deliveries {
			if err := recorder.handle(t.Context(), delivery); err != nil {
				t.Fatal(err)
			}
		}
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

var storied = []scene{
	{0, ringing, false, none},
	{10, connected, false, none},
	{20, connected, true, none},
	{25, connected, true, none},
	{30, connected, false, none},
	{40, connected, true, none},
	{60, disconnected, true, callEnded},
	{70, disconnected, false, none},
}

const storiedLine = `{"call_id":"c1","source":"ccai","direction":"incoming","queue":["support","orders"],"agents":["9","7"],` +
	`"started":"2026-03-01T12:00:10.000Z","ended":"2026-03-01T12:01:00.000Z",` +
	`"segments":[{"from":"2026-03-01T12:00:10.000Z","to":"2026-03-01T12:00:20.000Z"},{"from":"2026-03-01T12:00:30.000Z","to":"2026-03-01T12:00:40.000Z"}],` +
	`"paused":[{"from":"2026-03-01T12:00:20.000Z","to":"2026-03-01T12:00:30.000Z"},{"from":"2026-03-01T12:00:40.000Z","to":"2026-03-01T12:01:00.000Z"}],` +
	`"complete":true}`

func TestAFinishedCallIsALine(t *testing.T) {
	if got := record(t, play(storied...)); len(got) != 1 || got[0] != storiedLine {
		t.Errorf("wrote\n%s\nnot\n%s", strings.Join(got, "\n"), storiedLine)
	}
}

func TestARestartAnywhereGivesTheSameLine(t *testing.T) {
	deliveries := play(storied...)
	for at := 1; at < 7; at++ {
		if got := record(t, deliveries[:at], deliveries[at:]); len(got) != 1 || got[0] != storiedLine {
			t.Errorf("restarted before event %d:\n%s", at, strings.Join(got, "\n"))
		}
	}
}

func TestACallThatWasNeverConnectedHasNoRecording(t *testing.T) {
	got := record(t, play(scene{0, ringing, false, none}, scene{9, disconnected, false, callEnded}))
	if len(got) != 1 || !strings.Contains(got[0], `"started":null,"ended":"2026-03-01T12:00:09.000Z","segments":[],"paused":[],"complete":true`) {
		t.Errorf("wrote %v", got)
	}
}

func TestWhatMayBeMissingIsNotComplete(t *testing.T) {
	for name, deliveries := range map[string][]callwire.Delivery{
		"an expired call":   play(scene{0, connected, false, none}, scene{9, connected, false, callExpired}),
		"a gap in the call": append(append(play(scene{0, connected, false, none}), callwire.GapDelivery{}), play(scene{0, connected, false, none}, scene{9, disconnected, false, callEnded})[1:]...),
		"a gap before it":   append([]callwire.Delivery{callwire.GapDelivery{}}, play(scene{0, connected, false, none}, scene{9, disconnected, false, callEnded})[1:]...),
	} {
		if got := record(t, deliveries); len(got) != 1 || !strings.Contains(got[0], `"complete":false`) {
			t.Errorf("%s: wrote %v", name, got)
		}
	}
}

func TestRedactionsOfSeveralPartiesAreOnePause(t *testing.T) {
	at := func(second int) *timestamppb.Timestamp {
		return timestamppb.New(noon.Add(time.Duration(second) * time.Second))
	}
	spans := []*callwirev1.ParticipantSpan{
		{BeginTime: at(-9), EndTime: at(-5)},
		{BeginTime: at(-3), EndTime: at(4)},
		{BeginTime: at(2), EndTime: at(3)},
		{BeginTime: at(4), EndTime: at(6)},
		{BeginTime: at(8)},
		{BeginTime: at(9), EndTime: at(10)},
	}
	second := func(second int) instant { return instant{at(second).AsTime()} }
	want := []span{{second(0), second(6)}, {second(8), instant{}}}
	if got := earlierPauses(noon, spans); !reflect.DeepEqual(got, want) {
		t.Errorf("paused %v", got)
	}
}

// watchedFile reads lines until there are enough.
func watchedFile(ctx context.Context, t *testing.T, path string, lines int) []string {
	t.Helper()
	for ctx.Err() == nil {
		content, err := os.ReadFile(path)
		if err == nil && bytes.Count(content, []byte("\n")) >= lines {
			return strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	t.Fatalf("%s has not got %d lines", path, lines)
	return nil
}

func TestARealGatewaysCallsAreRecordedOverRestarts(t *testing.T) {
	gateway := gatewaytest.Start(t)
	folder := t.TempDir()
	checkpoint, out := filepath.Join(folder, "position.json"), filepath.Join(folder, "calls.jsonl")
	call := func(id, state, party string) map[string]any {
		return map[string]any{"type": "CallState", "item": map[string]any{
			"CallID": id, "State": state, "Direction": "incoming", "Queue_path_names": "support",
			"Participants": []map[string]any{
				{"ParticipantID": "1234", "Type": "agent", "State": party}, {"ParticipantID": "+100", "Type": "external", "State": party},
			},
		}}
	}
	story := func(id string) []map[string]any {
		return []map[string]any{
			call(id, "ringing", "ringing"), call(id, "connected", "connected"), call(id, "connected", "redacted"),
			call(id, "connected", "unredacted"), call(id, "disconnected", "disconnected"),
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for round, id := range []string{"a", "b"} {
		interrupted, interrupt := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- run(interrupted, gateway.URL, "", checkpoint, out) }()
		for _, body := range story(id) {
			gateway.Post(body)
		}
		lines := watchedFile(ctx, t, out, round+1)
		interrupt()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		var last line
		if err := json.Unmarshal([]byte(lines[round]), &last); err != nil {
			t.Fatal(err)
		}
		if last.CallID != id || !last.Complete || len(last.Segments) != 2 || len(last.Paused) != 1 || !reflect.DeepEqual(last.Agents, []string{"1234"}) {
			t.Errorf("wrote %s", lines[round])
		}
	}
}
