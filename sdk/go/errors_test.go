package callwire

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/callwire/callwire/sdk/go/callwirev1"
	"github.com/callwire/callwire/sdk/go/internal/scripted"
)

func TestEveryReasonOfTheCatalogueSaysWhetherItIsRetried(t *testing.T) {
	values := callwirev1.ErrorReason(0).Descriptor().Values()
	retryable := 0
	for i := 1; i < values.Len(); i++ {
		reason := string(values.Get(i).Name())[len("ERROR_REASON_"):]
		status := proto.GetExtension(values.Get(i).Options(), callwirev1.E_StatusCode).(code.Code)
		want := proto.GetExtension(values.Get(i).Options(), callwirev1.E_Retryable).(bool)
		got := errorOf(t.Context(), scripted.Failure(codes.Code(status), reason, -1, nil))
		if got.Reason != reason || got.Retryable() != want {
			t.Errorf("%s: %+v, retryable %v", reason, got, got.Retryable())
		}
		if want {
			retryable++
		}
	}
	if retryable == 0 {
		t.Error("no reason is retryable: the options of the enum values are not read")
	}
}

func TestAStatusThatNoGatewayExplainedIsRetriedWhenItMayPass(t *testing.T) {
	passing := map[codes.Code]bool{
		codes.Unavailable: true, codes.ResourceExhausted: true, codes.Aborted: true, codes.DeadlineExceeded: true,
		codes.Internal: true, codes.Unknown: true, codes.Canceled: true,
	}
	for code := codes.Canceled; code <= codes.Unauthenticated; code++ {
		if got := errorOf(t.Context(), status.Error(code, "")); got.Retryable() != passing[code] {
			t.Errorf("%s: retryable %v", code, got.Retryable())
		}
	}
}

func TestRetryInfoMakesAnErrorRetryable(t *testing.T) {
	got := errorOf(t.Context(), scripted.Failure(codes.FailedPrecondition, "EPOCH_MISMATCH", 3*time.Second, map[string]string{"epoch": "x"}))
	if !got.Retryable() || got.RetryAfter != 3*time.Second || got.Metadata["epoch"] != "x" {
		t.Errorf("got %+v", got)
	}
}

func TestAReasonThatTheSDKDoesNotKnowIsNotRetried(t *testing.T) {
	if got := errorOf(t.Context(), scripted.Failure(codes.Unavailable, "FROM_THE_FUTURE", -1, nil)); got.Retryable() {
		t.Error("retried")
	}
}

func TestTheCallersOwnEndIsNotRetriedAndCanBeRecognised(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := errorOf(ctx, status.Error(codes.Canceled, "context canceled"))
	if got.Retryable() || got.Code != codes.Canceled || !errors.Is(got, context.Canceled) {
		t.Errorf("got %+v", got)
	}
}

func TestTheStatusCanBeReachedThroughAnError(t *testing.T) {
	var err error = errorOf(t.Context(), status.Error(codes.NotFound, "no such call"))
	if found, ok := status.FromError(err); !ok || found.Code() != codes.NotFound {
		t.Errorf("got %v", found)
	}
}
