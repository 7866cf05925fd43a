package callwire

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"google.golang.org/grpc/codes"
)

func oneToken(context.Context) (string, error) { return "t", nil }

func TestAProviderIsAskedOnceForEachRefusedToken(t *testing.T) {
	asked := 0
	c := &credential{provider: func(context.Context) (string, error) {
		asked++
		return fmt.Sprintf("token-%d", asked), nil
	}}
	first, _ := c.current(t.Context())
	again, _ := c.current(t.Context())
	fresh, _ := c.replace(t.Context(), first)
	shared, _ := c.replace(t.Context(), first)
	if first != "token-1" || again != first || fresh != "token-2" || shared != fresh || asked != 2 {
		t.Errorf("%s, %s, %s, %s; asked %d times", first, again, fresh, shared, asked)
	}
}

func TestAProvidersFailureIsTheCallsFailure(t *testing.T) {
	locked := errors.New("the vault is locked")
	c := &credential{provider: func(context.Context) (string, error) { return "", locked }}
	_, err := c.current(t.Context())
	failed, is := errors.AsType[*Error](err)
	if !is || failed.Code != codes.Unauthenticated || failed.Retryable() || !errors.Is(err, locked) {
		t.Errorf("got %v", err)
	}
}
