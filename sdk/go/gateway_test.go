package callwire_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	callwire "github.com/callwire/callwire/sdk/go"
	"github.com/callwire/callwire/sdk/go/callwirev1"
	"github.com/callwire/callwire/sdk/go/internal/cutproxy"
	"github.com/callwire/callwire/sdk/go/internal/gatewaytest"
)

// cursors reads a subscription until it has delivered the last event.
func cursors(t *testing.T, subscription *callwire.Subscription, last string) (found []string, others []callwire.Delivery) {
	t.Helper()
	err := subscription.Run(patiently(t), func(_ context.Context, delivery callwire.Delivery) error {
		event, is := delivery.(callwire.EventDelivery)
		if !is {
			others = append(others, delivery)
			return nil
		}
		found = append(found, event.Cursor)
		if event.Cursor == last {
			return callwire.ErrStop
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, others
}

func expectExactly(t *testing.T, got, want []string) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%d events were delivered instead of %d, or others", len(got), len(want))
	}
}

func TestConnectionsThatAreCutAnywhereLoseAndRepeatNothing(t *testing.T) {
	gateway := gatewaytest.Start(t)
	posted := gateway.PostCalls("cut", 2000)
	proxy := cutproxy.Start(t, gateway.URL, func(connection int) int64 { return int64(1000 + 4999*connection) })
	checkpoint := &callwire.MemoryCheckpoint{}
	subscription := clientOf(t, proxy.URL, callwire.ClientOptions{}).Subscribe(callwire.SubscribeOptions{
		Start: callwire.FromEarliest(), MaxBatchEvents: 20, Buffer: 50, Checkpoint: checkpoint,
	})
	last := posted[len(posted)-1]
	got, _ := cursors(t, subscription, last)
	expectExactly(t, got, posted)
	if proxy.Connections() < 5 {
		t.Errorf("only %d connections: hardly anything was cut", proxy.Connections())
	}
	if saved, _ := checkpoint.Load(t.Context()); saved.Cursor != last || saved.FilterDigest == "" {
		t.Errorf("saved %v", saved)
	}
}

func TestAGatewayThatDiesAndReturnsLosesAndRepeatsNothing(t *testing.T) {
	gateway := gatewaytest.Start(t)
	posted := gateway.PostCalls("before", 50)
	seen := &statuses{}
	subscription := clientOf(t, gateway.URL, callwire.ClientOptions{}).
		Subscribe(callwire.SubscribeOptions{Start: callwire.FromEarliest(), OnStatus: seen.add})
	var got []string
	for delivery, err := range subscription.All(patiently(t)) {
		if err != nil {
			t.Fatal(err)
		}
		event, is := delivery.(callwire.EventDelivery)
		if !is {
			continue
		}
		got = append(got, event.Cursor)
		switch len(got) {
		case 50:
			gateway.Kill()
			gateway.Restart()
			posted = append(posted, gateway.PostCalls("after", 50)...)
		case 100:
			subscription.Stop()
		}
	}
	expectExactly(t, got, posted)
	if len(seen.reconnects()) == 0 {
		t.Error("nothing was cut")
	}
}

func TestAGatewayThatShutsDownSaysSoAndIsReturnedTo(t *testing.T) {
	gateway := gatewaytest.Start(t)
	first := gateway.PostCalls("first", 1)
	connected := make(chan struct{}, 1)
	subscription := clientOf(t, gateway.URL, callwire.ClientOptions{}).Subscribe(callwire.SubscribeOptions{
		Start: callwire.FromEarliest(),
		OnStatus: func(status callwire.Status) {
			if _, is := status.(callwire.CaughtUpStatus); is {
				select {
				case connected <- struct{}{}:
				default:
				}
			}
		},
	})
	second := make(chan []string, 1)
	go func() {
		<-connected
		gateway.Stop()
		gateway.Restart()
		second <- gateway.PostCalls("second", 1)
	}()
	var got []string
	var away bool
	err := subscription.Run(patiently(t), func(_ context.Context, delivery callwire.Delivery) error {
		switch delivery := delivery.(type) {
		case callwire.GoingAwayDelivery:
			away = true
		case callwire.EventDelivery:
			got = append(got, delivery.Cursor)
		}
		if len(got) == 2 {
			return callwire.ErrStop
		}
		return nil
	})
	if err != nil || !away {
		t.Errorf("going away: %v, %v", away, err)
	}
	expectExactly(t, got, append(first, <-second...))
}

func TestAnotherProcessGoesOnFromTheCheckpointFile(t *testing.T) {
	gateway := gatewaytest.Start(t)
	posted := gateway.PostCalls("a", 30)
	path := filepath.Join(t.TempDir(), "position.json")
	options := func(filters map[string]*callwire.Filter) callwire.SubscribeOptions {
		return callwire.SubscribeOptions{
			Start: callwire.FromEarliest(), Filters: filters, Checkpoint: callwire.NewFileCheckpoint(path),
		}
	}
	first, _ := cursors(t, clientOf(t, gateway.URL, callwire.ClientOptions{}).Subscribe(options(nil)), posted[9])
	expectExactly(t, first, posted[:10])
	calls := map[string]*callwire.Filter{"calls": {Kinds: []callwirev1.EventKind{callwirev1.EventKind_EVENT_KIND_CALL}}}
	second, others := cursors(t, clientOf(t, gateway.URL, callwire.ClientOptions{}).Subscribe(options(calls)), posted[29])
	expectExactly(t, second, posted[10:])
	if _, is := others[0].(callwire.FilterChangedDelivery); len(others) != 1 || !is {
		t.Errorf("delivered %v", others)
	}
}

// Tests that can share a gateway do: most of their time is its start.
func TestOneGateway(t *testing.T) {
	gateway := gatewaytest.Start(t)
	for title, test := range map[string]func(*testing.T, *gatewaytest.Gateway){
		"filters select and are named":                                 filtersSelectAndAreNamed,
		"a cursor of another journal is an error that names the epoch": aCursorOfAnotherJournalIsAnErrorThatNamesTheEpoch,
		"a list ends with its error":                                   aListEndsWithItsError,
		"events are published once with a key, and explained":          eventsArePublishedOnceWithAKeyAndExplained,
		"the raw stubs are reachable":                                  theRawStubsAreReachable,
	} {
		t.Run(title, func(t *testing.T) { test(t, gateway) })
	}
}

func filtersSelectAndAreNamed(t *testing.T, gateway *gatewaytest.Gateway) {
	item := func(id, direction, queue string) map[string]any {
		return map[string]any{"type": "CallState", "item": map[string]any{
			"CallID": id, "State": "waiting", "Direction": direction, "Queue_path_names": queue,
		}}
	}
	var posted []string
	for _, body := range []map[string]any{item("1", "incoming", "support/orders"), item("2", "outgoing", "sales"), item("3", "outgoing", "support")} {
		posted = append(posted, gateway.Post(body)...)
	}
	subscription := clientOf(t, gateway.URL, callwire.ClientOptions{}).Subscribe(callwire.SubscribeOptions{
		Start: callwire.FromEarliest(),
		End:   callwire.UntilCursor(posted[2]),
		Filters: map[string]*callwire.Filter{
			"support": {QueueNames: []string{"support"}},
			"out":     {Directions: []callwirev1.Direction{callwirev1.Direction_DIRECTION_OUTGOING}, QueueNames: []string{"support"}},
		},
	})
	var matches []string
	for delivery, err := range subscription.All(patiently(t)) {
		if err != nil {
			t.Fatal(err)
		}
		event := delivery.(callwire.EventDelivery)
		matches = append(matches, event.Event.GetCall().GetCallId()+" "+strings.Join(event.Matches, ","))
	}
	if want := []string{"1 support", "3 out,support"}; !reflect.DeepEqual(matches, want) {
		t.Errorf("delivered %v", matches)
	}
}

func TestASnapshotOfTheOpenCallsComesFirst(t *testing.T) {
	gateway := gatewaytest.Start(t)
	posted := gateway.PostCalls("open", 120)
	subscription := clientOf(t, gateway.URL, callwire.ClientOptions{}).
		Subscribe(callwire.SubscribeOptions{IncludeSnapshot: true, Start: callwire.After(posted[119])})
	for delivery, err := range subscription.All(patiently(t)) {
		if err != nil {
			t.Fatal(err)
		}
		snapshot, is := delivery.(callwire.SnapshotDelivery)
		if !is || len(snapshot.Sessions) != 120 || snapshot.Cursor != posted[119] {
			t.Errorf("first came %T with %d sessions at %s", delivery, len(snapshot.Sessions), snapshot.Cursor)
		}
		break
	}
}

func aCursorOfAnotherJournalIsAnErrorThatNamesTheEpoch(t *testing.T, gateway *gatewaytest.Gateway) {
	client := clientOf(t, gateway.URL, callwire.ClientOptions{})
	info, err := client.GetLogInfo(t.Context(), &callwirev1.GetLogInfoRequest{})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = read(t, client.Subscribe(callwire.SubscribeOptions{Start: callwire.After("00000000-1")}), 0)
	if failed, is := errors.AsType[*callwire.Error](err); !is || failed.Reason != "EPOCH_MISMATCH" || failed.Metadata["epoch"] != info.GetEpoch() {
		t.Errorf("ended with %v", err)
	}
}

func TestASlowHandlerGetsEverything(t *testing.T) {
	gateway := gatewaytest.Start(t)
	posted := gateway.PostCalls("slow", 20)
	subscription := clientOf(t, gateway.URL, callwire.ClientOptions{}).
		Subscribe(callwire.SubscribeOptions{Start: callwire.FromEarliest(), Buffer: 5, View: callwire.ViewFull})
	var got []string
	for delivery, err := range subscription.All(patiently(t)) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, delivery.(callwire.EventDelivery).Cursor); len(got) == 10 {
			posted = append(posted, gateway.PostCalls("meanwhile", 3000)...)
		}
		if len(got) == 3020 {
			subscription.Stop()
		}
	}
	expectExactly(t, got, posted)
}

func TestListsAreReadPageByPage(t *testing.T) {
	gateway := gatewaytest.Start(t)
	posted := gateway.PostCalls("list", 25)
	gateway.Post(map[string]any{"type": "AgentState", "item": map[string]any{"ParticipantID": "agent_7", "State": "login", "Email": "a@example.com"}})
	client := clientOf(t, gateway.URL, callwire.ClientOptions{})
	var events []string
	request := &callwirev1.ListEventsRequest{PageSize: 4, Filters: map[string]*callwire.Filter{"calls": {Kinds: []callwirev1.EventKind{callwirev1.EventKind_EVENT_KIND_CALL}}}}
	for delivery, err := range client.ListEvents(t.Context(), request) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, delivery.(callwire.EventDelivery).Cursor)
	}
	expectExactly(t, events, posted)
	if request.GetPageToken() != "" {
		t.Error("the caller's request was changed")
	}
	var calls, agents []string
	for session, err := range client.ListCalls(t.Context(), &callwirev1.ListCallsRequest{PageSize: 10}) {
		if err != nil {
			t.Fatal(err)
		}
		calls = append(calls, session.GetSessionId())
	}
	for agent, err := range client.ListAgents(t.Context(), &callwirev1.ListAgentsRequest{}) {
		if err != nil {
			t.Fatal(err)
		}
		agents = append(agents, agent.GetAgentId())
	}
	if len(calls) != 25 || calls[0] != "list-24" || fmt.Sprint(agents) != "[7]" {
		t.Errorf("calls %v, agents %v", calls, agents)
	}
}

func aListEndsWithItsError(t *testing.T, gateway *gatewaytest.Gateway) {
	client := clientOf(t, gateway.URL, callwire.ClientOptions{})
	for _, err := range client.ListEvents(t.Context(), &callwirev1.ListEventsRequest{PageToken: "x"}) {
		if failed, is := errors.AsType[*callwire.Error](err); !is || failed.Reason != "INVALID_PAGE_TOKEN" {
			t.Errorf("got %v", err)
		}
	}
}

func eventsArePublishedOnceWithAKeyAndExplained(t *testing.T, gateway *gatewaytest.Gateway) {
	client := clientOf(t, gateway.URL, callwire.ClientOptions{})
	request := &callwirev1.PublishEventsRequest{Source: "ccai", Items: []*callwirev1.PublishItem{{
		Event:          &callwirev1.PublishItem_Json{Json: `{"call_id":"846802bf90d1","state":"ringing"}`},
		IdempotencyKey: "once",
	}}}
	var answers []*callwirev1.PublishResult
	for range 2 {
		response, err := client.PublishEvents(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, response.GetResults()...)
	}
	if answers[1].GetStatus() != callwirev1.PublishStatus_PUBLISH_STATUS_DUPLICATE || answers[0].GetCursor() != answers[1].GetCursor() {
		t.Errorf("answered %v", answers)
	}
	explained, err := client.ExplainEvent(t.Context(), &callwirev1.ExplainEventRequest{
		Cursor:  answers[0].GetCursor(),
		Filters: map[string]*callwire.Filter{"it": {CallIds: []string{"846802bf90d1"}}},
	})
	if err != nil || !explained.GetMatched() {
		t.Errorf("explained %v, %v", explained, err)
	}
	call, err := client.GetCall(t.Context(), &callwirev1.GetCallRequest{Id: &callwirev1.GetCallRequest_CallId{CallId: "846802bf90d1"}})
	if err != nil || call.GetSession().GetState() != "ringing" {
		t.Errorf("the call is %v, %v", call, err)
	}
	_, err = client.GetAgent(t.Context(), &callwirev1.GetAgentRequest{Id: &callwirev1.GetAgentRequest_AgentId{AgentId: "nobody"}})
	if failed, is := errors.AsType[*callwire.Error](err); !is || failed.Reason != "NOT_FOUND" {
		t.Errorf("got %v", err)
	}
}

func theRawStubsAreReachable(t *testing.T, gateway *gatewaytest.Gateway) {
	client := clientOf(t, gateway.URL, callwire.ClientOptions{})
	entries, err := client.Raw().Admin.ListQuarantinedEvents(t.Context(), &callwirev1.ListQuarantinedEventsRequest{})
	if err != nil || entries.GetTotalCount() != 0 {
		t.Errorf("got %v, %v", entries, err)
	}
}
