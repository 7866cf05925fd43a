package callwire

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/callwire/callwire/sdk/go/callwirev1"
)

// errorDomain is the domain of the ErrorInfo that a gateway sends.
const errorDomain = "callwire"

// Error is a failed call or the end of a subscription. Unwrap gives what it was made from, so that errors.Is finds
// context.Canceled and context.DeadlineExceeded, and status.FromError the gRPC status.
type Error struct {
	// Code is the gRPC status code.
	Code codes.Code
	// Reason is the bare name from the gateway's catalogue (`CURSOR_EXPIRED`); empty when the error is not the gateway's.
	Reason string
	// Message is for an engineer.
	Message string
	// Metadata has what the reason documents, for example `oldest_cursor`.
	Metadata map[string]string
	// RetryAfter is how long the gateway asked to wait; 0 when it did not ask.
	RetryAfter time.Duration

	retryable bool
	cause     error
}

// Error gives the reason, the code and the message.
func (e *Error) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("callwire: %s: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("callwire: %s (%s): %s", e.Reason, e.Code, e.Message)
}

// Unwrap gives the error that this one was made from.
func (e *Error) Unwrap() error { return e.cause }

// Is makes every DEADLINE_EXCEEDED a context.DeadlineExceeded: the gateway may notice the caller's deadline first.
func (e *Error) Is(target error) bool {
	return target == context.DeadlineExceeded && e.Code == codes.DeadlineExceeded
}

// Retryable says whether the same request can succeed later without being changed.
func (e *Error) Retryable() bool { return e.retryable }

// errorOf makes an Error of whatever a call with this context ended with; nil stays nil.
func errorOf(ctx context.Context, err error) *Error {
	if err == nil {
		return nil
	}
	if already, ok := errors.AsType[*Error](err); ok {
		return already
	}
	if ended := ctx.Err(); ended != nil {
		return &Error{Code: status.FromContextError(ended).Code(), Message: ended.Error(), cause: ended}
	}
	received := status.Convert(err)
	made := &Error{Code: received.Code(), Message: received.Message(), cause: err}
	asked := false
	for _, detail := range received.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			if detail.GetDomain() == errorDomain {
				made.Reason, made.Metadata = detail.GetReason(), detail.GetMetadata()
			}
		case *errdetails.RetryInfo:
			asked = true
			made.RetryAfter = max(0, detail.GetRetryDelay().AsDuration())
		}
	}
	if made.Reason == "" {
		made.retryable = asked || mayPass(made.Code)
	} else {
		made.retryable = asked || catalogueSaysRetryable(made.Reason)
	}
	return made
}

// mayPass judges a status that no gateway explained: a proxy's, a cut connection's, a gateway's that died.
func mayPass(code codes.Code) bool {
	switch code {
	case codes.Unavailable, codes.ResourceExhausted, codes.Aborted, codes.DeadlineExceeded, codes.Internal, codes.Unknown,
		codes.Canceled:
		return true
	default:
		return false
	}
}

// catalogueSaysRetryable reads the option of the reason's enum value. A reason newer than this SDK is not retryable.
func catalogueSaysRetryable(reason string) bool {
	values := callwirev1.ErrorReason(0).Descriptor().Values()
	value := values.ByName(protoreflect.Name("ERROR_REASON_" + reason))
	if value == nil {
		return false
	}
	return proto.GetExtension(value.Options(), callwirev1.E_Retryable).(bool)
}
