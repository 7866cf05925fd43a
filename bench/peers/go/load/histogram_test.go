package load

import (
	"testing"
	"time"
)

func TestHistogramKeepsDurationsToWithinThreePercent(t *testing.T) {
	for _, want := range []time.Duration{0, 40 * time.Microsecond, 1234 * time.Microsecond, 3 * time.Second} {
		var histogram Histogram
		histogram.Add(want)
		got := histogram.Milliseconds(0.5)
		exact := float64(want.Microseconds()) / 1000
		if got > exact || got < exact*0.96 {
			t.Errorf("%v became %v ms", want, got)
		}
	}
}

func TestHistogramGivesTheShareAskedFor(t *testing.T) {
	var histogram Histogram
	for i := range 100 {
		histogram.Add(time.Duration(i) * 10 * time.Microsecond)
	}
	if p50, p99 := histogram.Milliseconds(0.5), histogram.Milliseconds(0.99); p50 < 0.48 || p50 > 0.5 || p99 < 0.95 {
		t.Errorf("p50 %v, p99 %v", p50, p99)
	}
}
