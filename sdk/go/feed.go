package callwire

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/callwire/callwire/sdk/go/callwirev1"
)

// feed is the receiving side of a subscription: it opens stream after stream and puts what comes into items, until there
// is a reason to end. A full channel holds it, and by the connection's flow control the gateway.
type feed struct {
	client  *Client
	policy  RetryPolicy
	silence time.Duration
	resume  *resume
	items   chan item
	notify  func(Status)
	// err is why it ended, nil when a bounded stream is complete. Read only after items is closed.
	err error
}

// streamEnd is how one stream ended.
type streamEnd struct {
	// err is nil when a bounded stream is complete, and when the stream is to be asked again at once.
	err   *Error
	again bool
	// answered says whether any response came, useful whether one brought the subscription further.
	answered, useful bool
	// goingAway is the delay that the gateway asked for when it said that it was going away.
	goingAway time.Duration
	token     string
}

// run fills items until the subscription ends or ctx is done, and closes it.
func (f *feed) run(ctx context.Context) {
	defer close(f.items)
	retries, refused := 0, false
	for ctx.Err() == nil {
		end := f.stream(ctx)
		if ctx.Err() != nil {
			return
		}
		if end.useful {
			retries = 0
		}
		refused = refused && !end.answered
		switch {
		case end.again:
			continue
		case end.err == nil:
			return
		case end.err.Code == codes.Unauthenticated && f.client.credential.canRefresh() && !refused && end.token != "":
			refused = true
			f.notify(ReconnectingStatus{Attempt: retries + 1, Cause: end.err})
			if _, err := f.client.credential.replace(ctx, end.token); err != nil {
				f.err = errorOf(ctx, err)
				return
			}
			continue
		case !end.err.Retryable() || !f.policy.allows(retries):
			f.err = end.err
			return
		}
		delay := f.policy.delay(retries, max(end.goingAway, end.err.RetryAfter), jitter)
		retries++
		f.notify(ReconnectingStatus{Attempt: retries, Delay: delay, Cause: end.err})
		pause(ctx, delay)
	}
}

// stream opens one stream on a connection of its own and reads it to its end. A connection is not used again, since a
// cut or silent stream says nothing good of it.
func (f *feed) stream(subscription context.Context) (end streamEnd) {
	ctx, cancel := context.WithCancelCause(subscription)
	defer cancel(nil)
	connection, err := f.client.connector.connection()
	if err != nil {
		end.err = errorOf(ctx, err)
		return end
	}
	defer connection.Close()
	end.token, err = f.client.credential.current(ctx)
	if err != nil {
		end.err = errorOf(ctx, err)
		return end
	}
	responses, err := callwirev1.NewSubscriptionServiceClient(connection).Subscribe(authorised(ctx, end.token), f.resume.request())
	if err != nil {
		end.err = errorOf(ctx, err)
		return end
	}
	for {
		watchdog := time.AfterFunc(f.silence, func() { cancel(f.silent()) })
		response, err := responses.Recv()
		watchdog.Stop()
		if err != nil {
			end.err = f.endOf(ctx, err, end)
			return end
		}
		if !f.take(subscription, response, &end) {
			return end
		}
	}
}

// take hands a response on, whole, unless ctx ends the subscription; a stream that dies meanwhile does not matter. It is
// false when the stream is not to be read further.
func (f *feed) take(ctx context.Context, response *callwirev1.SubscribeResponse, end *streamEnd) bool {
	if !end.answered {
		end.answered = true
		f.notify(ConnectedStatus{
			FilterDigest:          response.GetFilterDigest(),
			EffectiveView:         response.GetEffectiveView(),
			Masked:                response.GetMasked(),
			UnresolvedAgentEmails: response.GetUnresolvedAgentEmails(),
		})
	}
	items, useful := f.resume.take(response)
	end.useful = end.useful || useful
	for _, next := range items {
		if away, is := next.delivery.(GoingAwayDelivery); is {
			end.goingAway = max(away.RetryAfter, time.Nanosecond)
		}
		select {
		case f.items <- next:
		case <-ctx.Done():
			return false
		}
	}
	end.again = f.resume.reopen()
	return !end.again
}

// endOf says why the stream ended; nil when it is complete.
func (f *feed) endOf(ctx context.Context, err error, end streamEnd) *Error {
	if silent, is := errors.AsType[*Error](context.Cause(ctx)); is {
		return silent
	}
	if !errors.Is(err, io.EOF) {
		return errorOf(ctx, err)
	}
	if f.resume.bounded() && end.goingAway == 0 {
		return nil
	}
	return &Error{Code: codes.Unavailable, Message: "the gateway ended the stream before its end", retryable: true, cause: err}
}

func (f *feed) silent() *Error {
	return &Error{Code: codes.Unavailable, Message: "nothing was received for " + f.silence.String(), retryable: true}
}
