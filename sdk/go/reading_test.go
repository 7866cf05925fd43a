package callwire_test

import (
	"context"
	"reflect"
	"sync"
	"testing"
	"time"

	callwire "github.com/callwire/callwire/sdk/go"
)

// quick makes tests wait little.
var quick = callwire.RetryPolicy{Initial: time.Millisecond, Max: 5 * time.Millisecond}

// patience is how long anything may take before a test gives up.
const patience = 60 * time.Second

func clientOf(t *testing.T, url string, options callwire.ClientOptions) *callwire.Client {
	t.Helper()
	if options.Retry == (callwire.RetryPolicy{}) {
		options.Retry = quick
	}
	client, err := callwire.NewClient(url, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func patiently(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// offsetOf is that of an event, and 0 of any other delivery.
func offsetOf(delivery callwire.Delivery) uint64 {
	if event, is := delivery.(callwire.EventDelivery); is {
		return event.Event.GetOffset()
	}
	return 0
}

// read consumes a subscription to its end, or to the event with the last offset when that is not 0.
func read(t *testing.T, subscription *callwire.Subscription, last uint64) (offsets []uint64, others []callwire.Delivery, err error) {
	t.Helper()
	err = subscription.Run(patiently(t), func(_ context.Context, delivery callwire.Delivery) error {
		offset := offsetOf(delivery)
		if offset == 0 {
			others = append(others, delivery)
			return nil
		}
		offsets = append(offsets, offset)
		if offset == last {
			return callwire.ErrStop
		}
		return nil
	})
	return offsets, others, err
}

func expectOffsets(t *testing.T, got []uint64, want ...uint64) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("delivered %v, not %v", got, want)
	}
}

// statuses records what a subscription tells.
type statuses struct {
	mu   sync.Mutex
	told []callwire.Status
}

func (s *statuses) add(status callwire.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, status)
}

func (s *statuses) reconnects() []callwire.ReconnectingStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []callwire.ReconnectingStatus
	for _, status := range s.told {
		if cut, is := status.(callwire.ReconnectingStatus); is {
			found = append(found, cut)
		}
	}
	return found
}
