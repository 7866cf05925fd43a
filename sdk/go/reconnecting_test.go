package callwire_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	callwire "github.com/callwire/callwire/sdk/go"
	"github.com/callwire/callwire/sdk/go/callwirev1"
	"github.com/callwire/callwire/sdk/go/internal/scripted"
)

var cut = status.Error(codes.Unavailable, "cut")

func TestACutStreamIsResumedAfterTheLastResponse(t *testing.T) {
	server := scripted.Start(t,
		scripted.Say(cut, scripted.Events(1, 2), scripted.At(4)),
		scripted.Say(cut),
		scripted.Stay(scripted.Events(5)),
	)
	offsets, _, err := read(t, clientOf(t, server.URL, callwire.ClientOptions{}).Subscribe(callwire.SubscribeOptions{}), 5)
	if err != nil {
		t.Fatal(err)
	}
	expectOffsets(t, offsets, 1, 2, 5)
	for i, want := range []string{"", scripted.Cursor(4), scripted.Cursor(4)} {
		if got := server.Requests()[i].GetAfterCursor(); got != want {
			t.Errorf("stream %d began after %q, not %q", i, got, want)
		}
	}
}

func TestOKIsTheEndOfABoundedStreamAndACutOfAnother(t *testing.T) {
	server := scripted.Start(t, scripted.Say(nil, scripted.Events(1)), scripted.Say(nil, scripted.Events(2)), scripted.Stay(scripted.Events(3)))
	client := clientOf(t, server.URL, callwire.ClientOptions{})
	offsets, _, err := read(t, client.Subscribe(callwire.SubscribeOptions{End: callwire.UntilCursor(scripted.Cursor(1))}), 0)
	if err != nil {
		t.Fatal(err)
	}
	expectOffsets(t, offsets, 1)
	offsets, _, err = read(t, client.Subscribe(callwire.SubscribeOptions{}), 3)
	if err != nil {
		t.Fatal(err)
	}
	expectOffsets(t, offsets, 2, 3)
}

func TestWhatNeedsADecisionEndsTheSubscription(t *testing.T) {
	expired := map[string]string{"oldest_cursor": scripted.Cursor(100)}
	for name, failure := range map[string]error{
		"expired":  scripted.Failure(codes.OutOfRange, "CURSOR_EXPIRED", -1, expired),
		"epoch":    scripted.Failure(codes.FailedPrecondition, "EPOCH_MISMATCH", -1, nil),
		"denied":   scripted.Failure(codes.PermissionDenied, "PERMISSION_DENIED", -1, nil),
		"a defect": scripted.Failure(codes.Internal, "INTERNAL", -1, nil),
		"no such":  status.Error(codes.Unimplemented, ""),
	} {
		t.Run(name, func(t *testing.T) {
			server := scripted.Start(t, scripted.Say(failure, scripted.Events(1)))
			offsets, _, err := read(t, clientOf(t, server.URL, callwire.ClientOptions{}).Subscribe(callwire.SubscribeOptions{}), 0)
			expectOffsets(t, offsets, 1)
			surfaced, is := errors.AsType[*callwire.Error](err)
			if !is || surfaced.Code != status.Code(failure) || len(server.Requests()) != 1 {
				t.Fatalf("ended with %v after %d streams", err, len(server.Requests()))
			}
			if surfaced.Reason == "CURSOR_EXPIRED" && surfaced.Metadata["oldest_cursor"] != scripted.Cursor(100) {
				t.Errorf("metadata %v", surfaced.Metadata)
			}
		})
	}
}

func TestTheGatewaysDelayIsWaitedFor(t *testing.T) {
	const delay = 150 * time.Millisecond
	away := &callwirev1.SubscribeResponse{Notice: &callwirev1.SubscribeResponse_GoingAway{
		GoingAway: &callwirev1.GoingAway{RetryAfter: durationpb.New(delay)},
	}}
	for name, script := range map[string]scripted.Script{
		"of RetryInfo":  scripted.Say(scripted.Failure(codes.Unavailable, "OVERLOADED", delay, nil)),
		"of going_away": scripted.Say(nil, away),
	} {
		t.Run(name, func(t *testing.T) {
			server := scripted.Start(t, script, scripted.Stay(scripted.Events(1)))
			seen := &statuses{}
			began := time.Now()
			subscription := clientOf(t, server.URL, callwire.ClientOptions{}).Subscribe(callwire.SubscribeOptions{OnStatus: seen.add})
			if _, _, err := read(t, subscription, 1); err != nil {
				t.Fatal(err)
			}
			if cuts := seen.reconnects(); time.Since(began) < delay || len(cuts) != 1 || cuts[0].Delay < delay {
				t.Errorf("waited %v, told %+v", time.Since(began), cuts)
			}
		})
	}
}

func TestGoingAwayIsDelivered(t *testing.T) {
	away := &callwirev1.SubscribeResponse{Notice: &callwirev1.SubscribeResponse_GoingAway{
		GoingAway: &callwirev1.GoingAway{RetryAfter: durationpb.New(time.Millisecond)},
	}}
	server := scripted.Start(t, scripted.Say(cut, away), scripted.Stay(scripted.Events(1)))
	_, others, err := read(t, clientOf(t, server.URL, callwire.ClientOptions{}).Subscribe(callwire.SubscribeOptions{}), 1)
	if err != nil || len(others) != 1 || others[0] != (callwire.GoingAwayDelivery{RetryAfter: time.Millisecond}) {
		t.Errorf("delivered %v, %v", others, err)
	}
}

func TestConnectingAloneDoesNotRenewTheAttempts(t *testing.T) {
	server := scripted.Start(t, scripted.Say(cut, scripted.At(7)))
	policy := callwire.RetryPolicy{Initial: time.Millisecond, Max: time.Millisecond, MaxAttempts: 3}
	_, _, err := read(t, clientOf(t, server.URL, callwire.ClientOptions{Retry: policy}).Subscribe(callwire.SubscribeOptions{}), 0)
	if surfaced, is := errors.AsType[*callwire.Error](err); !is || surfaced.Code != codes.Unavailable {
		t.Errorf("ended with %v", err)
	}
	if streams := len(server.Requests()); streams != 4 {
		t.Errorf("%d streams", streams)
	}
}

func TestProgressRenewsTheAttempts(t *testing.T) {
	server := scripted.Start(t,
		scripted.Say(cut, scripted.Events(1)), scripted.Say(cut, scripted.Events(2)), scripted.Say(cut, scripted.At(3)), scripted.Say(cut, scripted.Events(4)))
	policy := callwire.RetryPolicy{Initial: time.Millisecond, Max: time.Millisecond, MaxAttempts: 1}
	seen := &statuses{}
	subscription := clientOf(t, server.URL, callwire.ClientOptions{}).Subscribe(callwire.SubscribeOptions{Retry: &policy, OnStatus: seen.add})
	offsets, _, err := read(t, subscription, 0)
	if _, is := errors.AsType[*callwire.Error](err); !is {
		t.Errorf("ended with %v", err)
	}
	expectOffsets(t, offsets, 1, 2, 4)
	if streams := len(server.Requests()); streams != 5 {
		t.Errorf("%d streams", streams)
	}
	for _, cut := range seen.reconnects() {
		if cut.Attempt != 1 {
			t.Errorf("attempt %d", cut.Attempt)
		}
	}
}

func TestASilentStreamIsOpenedAgain(t *testing.T) {
	server := scripted.Start(t, scripted.Stay(scripted.Events(1)), scripted.Stay(scripted.Events(2)))
	seen := &statuses{}
	subscription := clientOf(t, server.URL, callwire.ClientOptions{}).
		Subscribe(callwire.SubscribeOptions{ProgressInterval: 50 * time.Millisecond, OnStatus: seen.add})
	offsets, _, err := read(t, subscription, 2)
	if err != nil {
		t.Fatal(err)
	}
	expectOffsets(t, offsets, 1, 2)
	if cuts := seen.reconnects(); len(cuts) != 1 || cuts[0].Cause.Code != codes.Unavailable {
		t.Errorf("told %+v", cuts)
	}
}

func TestAFullBufferIsNotSilence(t *testing.T) {
	const interval = 50 * time.Millisecond
	var sent atomic.Int64
	server := scripted.Start(t, func(stream scripted.Stream) error {
		for offset := uint64(1); offset <= 5; offset++ {
			if err := stream.Send(scripted.Events(offset)); err != nil {
				return err
			}
			sent.Add(1)
		}
		<-stream.Context().Done()
		return nil
	})
	seen := &statuses{}
	subscription := clientOf(t, server.URL, callwire.ClientOptions{}).
		Subscribe(callwire.SubscribeOptions{ProgressInterval: interval, Buffer: 1, OnStatus: seen.add})
	var offsets []uint64
	err := subscription.Run(patiently(t), func(ctx context.Context, delivery callwire.Delivery) error {
		offsets = append(offsets, offsetOf(delivery))
		if len(offsets) == 1 { // The handler is slow: several times what would be silence.
			slow, cancel := context.WithTimeout(ctx, 10*interval)
			defer cancel()
			<-slow.Done()
		}
		if len(offsets) == 5 {
			return callwire.ErrStop
		}
		return nil
	})
	if err != nil || len(seen.reconnects()) != 0 {
		t.Errorf("ended with %v, told %v", err, seen.reconnects())
	}
	expectOffsets(t, offsets, 1, 2, 3, 4, 5)
}

func TestARefusedTokenIsReplacedOnce(t *testing.T) {
	refused := scripted.Failure(codes.Unauthenticated, "UNAUTHENTICATED", -1, nil)
	for name, valid := range map[string]string{"then it works": "Bearer token-2", "then the refusal is surfaced": "Bearer token-9"} {
		t.Run(name, func(t *testing.T) {
			server := scripted.Start(t, func(stream scripted.Stream) error {
				if scripted.Authorization(stream.Context()) != valid {
					return refused
				}
				return scripted.Stay(scripted.Events(1))(stream)
			})
			asked := 0
			client := clientOf(t, server.URL, callwire.ClientOptions{TokenProvider: func(context.Context) (string, error) {
				asked++
				return "token-" + string(rune('0'+asked)), nil
			}})
			offsets, _, err := read(t, client.Subscribe(callwire.SubscribeOptions{}), 1)
			if valid == "Bearer token-2" {
				expectOffsets(t, offsets, 1)
			} else if surfaced, is := errors.AsType[*callwire.Error](err); !is || surfaced.Reason != "UNAUTHENTICATED" {
				t.Errorf("ended with %v", err)
			}
			if asked != 2 || len(server.Requests()) != 2 {
				t.Errorf("asked %d times for %d streams", asked, len(server.Requests()))
			}
		})
	}
}

func TestARefusedAPIKeyIsSurfaced(t *testing.T) {
	server := scripted.Start(t, scripted.Say(scripted.Failure(codes.Unauthenticated, "UNAUTHENTICATED", -1, nil)))
	_, _, err := read(t, clientOf(t, server.URL, callwire.ClientOptions{APIKey: "k"}).Subscribe(callwire.SubscribeOptions{}), 0)
	if surfaced, is := errors.AsType[*callwire.Error](err); !is || surfaced.Reason != "UNAUTHENTICATED" || len(server.Requests()) != 1 {
		t.Errorf("ended with %v after %d streams", err, len(server.Requests()))
	}
}

func TestASnapshotThatAGapMadeNecessaryIsAskedForAtOnce(t *testing.T) {
	begin := &callwirev1.SubscribeResponse{Notice: &callwirev1.SubscribeResponse_SnapshotBegin{SnapshotBegin: &callwirev1.SnapshotBegin{}}}
	sessions := &callwirev1.SubscribeResponse{Sessions: []*callwirev1.Session{{SessionId: "a"}}}
	end := scripted.At(1)
	end.Notice = &callwirev1.SubscribeResponse_SnapshotEnd{SnapshotEnd: &callwirev1.SnapshotEnd{}}
	gap := scripted.At(50)
	gap.Notice = &callwirev1.SubscribeResponse_Gap{Gap: &callwirev1.Gap{FromCursor: scripted.Cursor(2), ToCursor: scripted.Cursor(50)}}
	endAgain := scripted.At(50)
	endAgain.Notice = end.Notice
	server := scripted.Start(t,
		scripted.Say(cut, begin, sessions, end, scripted.Events(2)),
		scripted.Stay(gap),
		scripted.Stay(begin, sessions, endAgain, scripted.Events(51)))
	subscription := clientOf(t, server.URL, callwire.ClientOptions{}).
		Subscribe(callwire.SubscribeOptions{IncludeSnapshot: true, OnExpired: callwire.SkipWithGap})
	offsets, others, err := read(t, subscription, 51)
	if err != nil {
		t.Fatal(err)
	}
	expectOffsets(t, offsets, 2, 51)
	if _, is := others[2].(callwire.SnapshotDelivery); !is || len(others) != 3 {
		t.Errorf("delivered %+v", others)
	}
	asked := server.Requests()
	if !asked[0].GetIncludeSnapshot() || asked[1].GetIncludeSnapshot() || !asked[2].GetIncludeSnapshot() {
		t.Errorf("asked for %v", asked)
	}
}
