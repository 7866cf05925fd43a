package callwire

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

// unaryCall is one call with its deadline and its retries.
type unaryCall struct {
	client   *Client
	method   string
	request  proto.Message
	response proto.Message
	// repeatable says whether a call that may have taken effect can be made again.
	repeatable bool
}

// invoke calls a method that may be repeated.
func invoke[Response any, Message interface {
	*Response
	proto.Message
}](ctx context.Context, client *Client, method string, request proto.Message) (*Response, error) {
	response := Message(new(Response))
	call := unaryCall{client, method, request, response, true}
	if err := call.do(ctx); err != nil {
		return nil, err
	}
	return response, nil
}

func (u *unaryCall) do(ctx context.Context) error {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, u.client.timeout)
		defer cancel()
	}
	connection, refused := u.client.shared, false
	for retries := 0; ; {
		token, failed := u.attempt(ctx, connection)
		switch {
		case failed == nil:
			return nil
		case ctx.Err() != nil:
			return failed
		case failed.Code == codes.Unauthenticated && u.client.credential.canRefresh() && !refused && token != "":
			refused = true
			if _, err := u.client.credential.replace(ctx, token); err != nil {
				return errorOf(ctx, err)
			}
			continue
		case !failed.Retryable() || !u.repeatable || !u.client.retry.allows(retries):
			return failed
		}
		delay := u.client.retry.delay(retries, failed.RetryAfter, jitter)
		if deadline, _ := ctx.Deadline(); time.Until(deadline) < delay {
			return failed
		}
		pause(ctx, delay)
		retries++
		if failed.Reason == "" && connection == u.client.shared {
			// The shared connection may be dead, or waiting in a pace of its own: the retries get a fresh one.
			fresh, err := u.client.connector.connection()
			if err != nil {
				return errorOf(ctx, err)
			}
			defer fresh.Close()
			connection = fresh
		}
	}
}

// attempt makes the call once. The token is the one it was made with.
func (u *unaryCall) attempt(ctx context.Context, connection *grpc.ClientConn) (string, *Error) {
	token, err := u.client.credential.current(ctx)
	if err != nil {
		return "", errorOf(ctx, err)
	}
	return token, errorOf(ctx, connection.Invoke(authorised(ctx, token), u.method, u.request, u.response))
}
