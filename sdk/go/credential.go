package callwire

import (
	"context"
	"fmt"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
)

// TokenProvider gives an API key or token. It is asked once at first, and again when the gateway has refused what it gave
// last. Calls do not overlap. Its error ends the call or subscription that needed the token.
type TokenProvider func(ctx context.Context) (string, error)

// credential keeps the token in use. The zero value sends none.
type credential struct {
	provider TokenProvider

	mu    sync.Mutex
	token string
}

// current gives the token in use, asking the provider when there is none yet.
func (c *credential) current(ctx context.Context) (string, error) { return c.replace(ctx, "") }

// replace gives a token other than the refused one. Whoever comes second with the same refused token gets what the
// first one was given.
func (c *credential) replace(ctx context.Context, refused string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != refused || c.provider == nil {
		return c.token, nil
	}
	token, err := c.provider(ctx)
	if err != nil {
		return "", &Error{Code: codes.Unauthenticated, Message: fmt.Sprintf("the token provider failed: %v", err), cause: err}
	}
	c.token = token
	return token, nil
}

// canRefresh says whether a refusal can be answered with another token.
func (c *credential) canRefresh() bool { return c.provider != nil }

// authorised adds the token to the metadata of a call.
func authorised(ctx context.Context, token string) context.Context {
	if token == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}
