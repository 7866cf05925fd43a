package callwire

import (
	"testing"
	"time"
)

func TestThePauseIsRandomUpToABoundThatDoubles(t *testing.T) {
	policy := RetryPolicy{}.withDefaults()
	for retries, bound := range map[int]time.Duration{
		0: 200 * time.Millisecond, 1: 400 * time.Millisecond, 5: 6400 * time.Millisecond, 8: 30 * time.Second, 5000: 30 * time.Second,
	} {
		if got := policy.delay(retries, 0, func() float64 { return 0 }); got != 0 {
			t.Errorf("retry %d: the least pause is %v", retries, got)
		}
		if got := policy.delay(retries, 0, func() float64 { return 1 }); got != bound {
			t.Errorf("retry %d: the longest pause is %v, not %v", retries, got, bound)
		}
	}
}

func TestWhatTheGatewayAsksForComesFirst(t *testing.T) {
	policy := RetryPolicy{Initial: time.Second}.withDefaults()
	if got := policy.delay(0, time.Minute, func() float64 { return 0.5 }); got != time.Minute+500*time.Millisecond {
		t.Errorf("pause %v", got)
	}
}

func TestAttemptsAreBoundedOnlyWhenAsked(t *testing.T) {
	if !(RetryPolicy{}).allows(1_000_000) {
		t.Error("bounded without a bound")
	}
	if bounded := (RetryPolicy{MaxAttempts: 2}); !bounded.allows(1) || bounded.allows(2) {
		t.Error("two attempts are not two")
	}
}
