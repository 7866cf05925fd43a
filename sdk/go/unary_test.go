package callwire_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	callwire "github.com/callwire/callwire/sdk/go"
	"github.com/callwire/callwire/sdk/go/callwirev1"
	"github.com/callwire/callwire/sdk/go/internal/scripted"
)

var overloaded = scripted.Failure(codes.Unavailable, "OVERLOADED", time.Millisecond, nil)

func TestACallIsRetriedAsItsErrorSays(t *testing.T) {
	for name, step := range map[string]struct {
		failure error
		calls   int
	}{
		"a reason that can pass":    {overloaded, 3},
		"a status that can pass":    {status.Error(codes.Unavailable, ""), 3},
		"a reason that cannot pass": {scripted.Failure(codes.NotFound, "UNKNOWN_TENANT", -1, nil), 1},
		"a status that cannot pass": {status.Error(codes.NotFound, ""), 1},
	} {
		t.Run(name, func(t *testing.T) {
			server := scripted.Start(t)
			server.LogInfo = func(_ context.Context, call int) (*callwirev1.GetLogInfoResponse, error) {
				if call < 2 {
					return nil, step.failure
				}
				return &callwirev1.GetLogInfoResponse{Epoch: scripted.Epoch}, nil
			}
			_, err := clientOf(t, server.URL, callwire.ClientOptions{}).GetLogInfo(t.Context(), &callwirev1.GetLogInfoRequest{})
			if server.Calls() != step.calls || (err == nil) != (step.calls == 3) {
				t.Errorf("%d calls, %v", server.Calls(), err)
			}
		})
	}
}

func TestACallHasADeadline(t *testing.T) {
	server := scripted.Start(t)
	server.LogInfo = func(ctx context.Context, _ int) (*callwirev1.GetLogInfoResponse, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	_, err := clientOf(t, server.URL, callwire.ClientOptions{Timeout: 50 * time.Millisecond}).GetLogInfo(t.Context(), &callwirev1.GetLogInfoRequest{})
	if failed, is := errors.AsType[*callwire.Error](err); !is || failed.Code != codes.DeadlineExceeded || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestACallHasABoundOfAttempts(t *testing.T) {
	server := scripted.Start(t)
	server.LogInfo = func(context.Context, int) (*callwirev1.GetLogInfoResponse, error) { return nil, overloaded }
	policy := callwire.RetryPolicy{Initial: time.Millisecond, MaxAttempts: 2}
	_, err := clientOf(t, server.URL, callwire.ClientOptions{Retry: policy}).GetLogInfo(t.Context(), &callwirev1.GetLogInfoRequest{})
	if failed, is := errors.AsType[*callwire.Error](err); !is || failed.Reason != "OVERLOADED" || server.Calls() != 3 {
		t.Errorf("got %v after %d calls", err, server.Calls())
	}
}

func TestNothingIsWaitedForBeyondTheDeadline(t *testing.T) {
	server := scripted.Start(t)
	server.LogInfo = func(context.Context, int) (*callwirev1.GetLogInfoResponse, error) {
		return nil, scripted.Failure(codes.Unavailable, "OVERLOADED", time.Hour, nil)
	}
	_, err := clientOf(t, server.URL, callwire.ClientOptions{}).GetLogInfo(t.Context(), &callwirev1.GetLogInfoRequest{})
	if failed, is := errors.AsType[*callwire.Error](err); !is || failed.Reason != "OVERLOADED" || failed.RetryAfter != time.Hour {
		t.Errorf("got %v", err)
	}
}

func TestPublishingIsRetriedOnlyWithAKeyForEachItem(t *testing.T) {
	for name, step := range map[string]struct {
		keys  []string
		calls int
	}{"with keys": {[]string{"a", "b"}, 2}, "without one of them": {[]string{"a", ""}, 1}} {
		t.Run(name, func(t *testing.T) {
			server := scripted.Start(t)
			server.Publish = func(_ context.Context, call int) (*callwirev1.PublishEventsResponse, error) {
				if call == 0 {
					return nil, overloaded
				}
				return &callwirev1.PublishEventsResponse{}, nil
			}
			request := &callwirev1.PublishEventsRequest{Source: "ccai"}
			for _, key := range step.keys {
				request.Items = append(request.Items, &callwirev1.PublishItem{IdempotencyKey: key})
			}
			_, err := clientOf(t, server.URL, callwire.ClientOptions{}).PublishEvents(t.Context(), request)
			if server.Calls() != step.calls || (err == nil) != (step.calls == 2) {
				t.Errorf("%d calls, %v", server.Calls(), err)
			}
		})
	}
}

func TestACallReplacesARefusedToken(t *testing.T) {
	server := scripted.Start(t)
	server.LogInfo = func(ctx context.Context, _ int) (*callwirev1.GetLogInfoResponse, error) {
		if scripted.Authorization(ctx) != "Bearer fresh" {
			return nil, scripted.Failure(codes.Unauthenticated, "UNAUTHENTICATED", -1, nil)
		}
		return &callwirev1.GetLogInfoResponse{}, nil
	}
	tokens := []string{"stale", "fresh"}
	client := clientOf(t, server.URL, callwire.ClientOptions{TokenProvider: func(context.Context) (string, error) {
		token := tokens[0]
		tokens = tokens[1:]
		return token, nil
	}})
	if _, err := client.GetLogInfo(t.Context(), &callwirev1.GetLogInfoRequest{}); err != nil {
		t.Error(err)
	}
}

func TestACallThatNobodyAnswersIsUnavailable(t *testing.T) {
	policy := callwire.RetryPolicy{Initial: time.Millisecond, MaxAttempts: 1}
	_, err := clientOf(t, "http://127.0.0.1:1", callwire.ClientOptions{Retry: policy}).GetLogInfo(t.Context(), &callwirev1.GetLogInfoRequest{})
	if failed, is := errors.AsType[*callwire.Error](err); !is || failed.Code != codes.Unavailable || !failed.Retryable() {
		t.Errorf("got %v", err)
	}
}
