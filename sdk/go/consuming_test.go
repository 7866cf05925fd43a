package callwire_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	callwire "github.com/callwire/callwire/sdk/go"
	"github.com/callwire/callwire/sdk/go/callwirev1"
	"github.com/callwire/callwire/sdk/go/internal/scripted"
)

var errBroken = errors.New("the handler is broken")

// ofFive subscribes to a stream of five events that stays open.
func ofFive(t *testing.T, checkpoint callwire.Checkpoint) *callwire.Subscription {
	t.Helper()
	server := scripted.Start(t, scripted.Stay(scripted.Events(1, 2, 3, 4, 5)))
	return clientOf(t, server.URL, callwire.ClientOptions{}).Subscribe(callwire.SubscribeOptions{Checkpoint: checkpoint})
}

func expectSaved(t *testing.T, checkpoint callwire.Checkpoint, offset uint64) {
	t.Helper()
	if saved, err := checkpoint.Load(t.Context()); err != nil || saved.Cursor != scripted.Cursor(offset) {
		t.Errorf("saved %v, %v, not offset %d", saved, err, offset)
	}
}

func TestWhatTheHandlerFailedOnIsNotHandled(t *testing.T) {
	checkpoint := &callwire.MemoryCheckpoint{}
	subscription := ofFive(t, checkpoint)
	err := subscription.Run(patiently(t), func(_ context.Context, delivery callwire.Delivery) error {
		if offsetOf(delivery) == 4 {
			return errBroken
		}
		return nil
	})
	if !errors.Is(err, errBroken) {
		t.Errorf("ended with %v", err)
	}
	expectSaved(t, checkpoint, 3)
	if subscription.Cursor() != scripted.Cursor(3) {
		t.Errorf("handled up to %s", subscription.Cursor())
	}
}

func TestWhatTheHandlerStopsAtIsHandled(t *testing.T) {
	checkpoint := &callwire.MemoryCheckpoint{}
	if _, _, err := read(t, ofFive(t, checkpoint), 4); err != nil {
		t.Errorf("ended with %v", err)
	}
	expectSaved(t, checkpoint, 4)
}

func TestALoopThatIsLeftHasNotHandledItsDelivery(t *testing.T) {
	checkpoint := &callwire.MemoryCheckpoint{}
	subscription := ofFive(t, checkpoint)
	for delivery, err := range subscription.All(patiently(t)) {
		if err != nil {
			t.Fatal(err)
		}
		if offsetOf(delivery) == 3 {
			break
		}
	}
	if err := subscription.Close(); err != nil {
		t.Error(err)
	}
	expectSaved(t, checkpoint, 2)
}

func TestALoopThatStopsHasHandledItsDelivery(t *testing.T) {
	checkpoint := &callwire.MemoryCheckpoint{}
	subscription := ofFive(t, checkpoint)
	for delivery, err := range subscription.All(patiently(t)) {
		if err != nil {
			t.Fatal(err)
		}
		if offsetOf(delivery) == 3 {
			subscription.Stop()
		}
	}
	expectSaved(t, checkpoint, 3)
}

func TestALoopYieldsTheErrorLast(t *testing.T) {
	server := scripted.Start(t, scripted.Say(scripted.Failure(9, "EPOCH_MISMATCH", -1, nil), scripted.Events(1)))
	var errs []error
	for _, err := range clientOf(t, server.URL, callwire.ClientOptions{}).Subscribe(callwire.SubscribeOptions{}).All(patiently(t)) {
		errs = append(errs, err)
	}
	if surfaced, is := errors.AsType[*callwire.Error](errs[len(errs)-1]); len(errs) != 2 || errs[0] != nil || !is || surfaced.Reason != "EPOCH_MISMATCH" {
		t.Errorf("yielded %v", errs)
	}
}

func TestCloseWaitsForTheHandlerAndSaves(t *testing.T) {
	checkpoint := &callwire.MemoryCheckpoint{}
	subscription := ofFive(t, checkpoint)
	handling, release := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- subscription.Run(patiently(t), func(_ context.Context, delivery callwire.Delivery) error {
			if offsetOf(delivery) == 2 {
				close(handling)
				<-release
			}
			return nil
		})
	}()
	<-handling
	closed := make(chan error, 1)
	go func() { closed <- subscription.Close() }()
	select {
	case <-closed:
		t.Error("Close did not wait for the handler")
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	if err := errors.Join(<-closed, <-ended); err != nil {
		t.Error(err)
	}
	expectSaved(t, checkpoint, 2)
}

func TestCancellingEndsAtOnceAndSavesWhatWasHandled(t *testing.T) {
	checkpoint := &callwire.MemoryCheckpoint{}
	ctx, cancel := context.WithCancel(patiently(t))
	err := ofFive(t, checkpoint).Run(ctx, func(ctx context.Context, delivery callwire.Delivery) error {
		if offsetOf(delivery) == 3 {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	expectSaved(t, checkpoint, 2)
}

func TestASubscriptionThatWaitsCanBeClosed(t *testing.T) {
	server := scripted.Start(t, scripted.Stay(scripted.At(1)))
	connected := make(chan struct{})
	subscription := clientOf(t, server.URL, callwire.ClientOptions{}).Subscribe(callwire.SubscribeOptions{
		OnStatus: func(status callwire.Status) {
			if _, is := status.(callwire.ConnectedStatus); is {
				close(connected)
			}
		},
	})
	go func() {
		<-connected
		_ = subscription.Close()
	}()
	if _, _, err := read(t, subscription, 0); err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestASubscriptionIsConsumedOnce(t *testing.T) {
	subscription := ofFive(t, nil)
	if err := subscription.Close(); err != nil {
		t.Error(err)
	}
	if _, _, err := read(t, subscription, 1); err == nil {
		t.Error("consumed after Close")
	}
}

// brokenCheckpoint cannot be written.
type brokenCheckpoint struct{ callwire.MemoryCheckpoint }

func (*brokenCheckpoint) Save(context.Context, callwire.SavedPosition) error { return errBroken }

func TestACheckpointThatCannotBeSavedEndsTheSubscription(t *testing.T) {
	server := scripted.Start(t, scripted.Stay(scripted.Events(1)))
	subscription := clientOf(t, server.URL, callwire.ClientOptions{}).Subscribe(callwire.SubscribeOptions{
		Checkpoint: &brokenCheckpoint{}, Save: callwire.SavePolicy{Interval: time.Millisecond},
	})
	if _, _, err := read(t, subscription, 0); !errors.Is(err, errBroken) {
		t.Errorf("ended with %v", err)
	}
	if err := subscription.Close(); !errors.Is(err, errBroken) {
		t.Errorf("closed with %v", err)
	}
}

func TestTheSavedFiltersAreComparedWithThoseInForce(t *testing.T) {
	first := scripted.Events(8)
	first.FilterDigest = "new"
	server := scripted.Start(t, scripted.Stay(first))
	checkpoint := &callwire.MemoryCheckpoint{}
	if err := checkpoint.Save(t.Context(), callwire.SavedPosition{Cursor: scripted.Cursor(7), FilterDigest: "old"}); err != nil {
		t.Fatal(err)
	}
	subscription := clientOf(t, server.URL, callwire.ClientOptions{}).Subscribe(callwire.SubscribeOptions{Checkpoint: checkpoint})
	_, others, err := read(t, subscription, 8)
	if err != nil || len(others) != 1 || others[0] != (callwire.FilterChangedDelivery{PreviousDigest: "old", Digest: "new"}) {
		t.Errorf("delivered %v, %v", others, err)
	}
	if saved, _ := checkpoint.Load(t.Context()); saved != (callwire.SavedPosition{Cursor: scripted.Cursor(8), FilterDigest: "new"}) {
		t.Errorf("saved %v", saved)
	}
}

func TestWhatIsNewInTheContractPasses(t *testing.T) {
	response := scripted.Events(1)
	response.Events[0].Trigger = 9999
	field := protowire.AppendTag(nil, 9000, protowire.BytesType)
	field = protowire.AppendString(field, "from the future")
	response.ProtoReflect().SetUnknown(field)
	response.Events[0].ProtoReflect().SetUnknown(field)
	notice := &callwirev1.SubscribeResponse{}
	notice.ProtoReflect().SetUnknown(field)
	server := scripted.Start(t, scripted.Stay(notice, response))
	var trigger callwirev1.Trigger
	var unknown int
	err := clientOf(t, server.URL, callwire.ClientOptions{}).Subscribe(callwire.SubscribeOptions{}).
		Run(patiently(t), func(_ context.Context, delivery callwire.Delivery) error {
			event := delivery.(callwire.EventDelivery).Event
			trigger, unknown = event.GetTrigger(), len(event.ProtoReflect().GetUnknown())
			return callwire.ErrStop
		})
	if err != nil || trigger != 9999 || unknown != len(field) {
		t.Errorf("trigger %d, %d unknown bytes, %v", trigger, unknown, err)
	}
}
