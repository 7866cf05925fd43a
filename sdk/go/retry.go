package callwire

import (
	"context"
	"math"
	"math/rand/v2"
	"time"
)

// RetryPolicy says how failed calls and cut streams are tried again. The pause before retry n (from 0) is random between
// nothing and the lesser of Max and Initial × 2ⁿ, after the time that the gateway asked to wait. The zero value of a
// field means its default.
type RetryPolicy struct {
	// Initial bounds the first pause. Default: 200 ms.
	Initial time.Duration
	// Max bounds every pause. Default: 30 s.
	Max time.Duration
	// MaxAttempts is the most retries in a row without useful progress; then the last error is returned. A stream makes
	// useful progress by an event, a moved cursor or a sign of life after its first response, never by connecting alone.
	// Default: no bound.
	MaxAttempts int
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	if p.Initial <= 0 {
		p.Initial = 200 * time.Millisecond
	}
	if p.Max <= 0 {
		p.Max = 30 * time.Second
	}
	return p
}

// allows says whether there may be another retry after so many.
func (p RetryPolicy) allows(retries int) bool { return p.MaxAttempts <= 0 || retries < p.MaxAttempts }

// delay is the pause before a retry. random gives a number from 0 up to 1.
func (p RetryPolicy) delay(retries int, asked time.Duration, random func() float64) time.Duration {
	bound := min(float64(p.Max), float64(p.Initial)*math.Pow(2, float64(retries)))
	return asked + time.Duration(random()*bound)
}

// jitter is the randomness of every pause.
var jitter = rand.Float64

// pause waits, or ends early with the context.
func pause(ctx context.Context, delay time.Duration) {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
