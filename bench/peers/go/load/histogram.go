package load

import (
	"math/bits"
	"sync/atomic"
	"time"
)

const (
	steps   = 32
	buckets = 64 + 40*steps
)

// Histogram counts durations in buckets of microseconds that are at most 3 % wide. It is shared by all connections.
type Histogram struct {
	counts [buckets]atomic.Int64
	total  atomic.Int64
}

func bucketOf(microseconds uint64) int {
	if microseconds < 2*steps {
		return int(microseconds)
	}
	shift := bits.Len64(microseconds) - 6
	return shift*steps + int(microseconds>>shift)
}

func lowest(bucket int) uint64 {
	if bucket < 2*steps {
		return uint64(bucket)
	}
	shift := bucket/steps - 1
	return uint64(bucket-shift*steps) << shift
}

// Add counts a duration; a negative one as 0.
func (h *Histogram) Add(duration time.Duration) {
	bucket := bucketOf(uint64(max(0, duration.Microseconds())))
	h.counts[min(bucket, buckets-1)].Add(1)
	h.total.Add(1)
}

// Milliseconds is the duration that the given share of all does not exceed. 0 when there is none.
func (h *Histogram) Milliseconds(share float64) float64 {
	wanted := int64(share * float64(h.total.Load()))
	for bucket := range h.counts {
		if wanted -= h.counts[bucket].Load(); wanted < 0 {
			return float64(lowest(bucket)) / 1000
		}
	}
	return 0
}
