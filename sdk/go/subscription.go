package callwire

import (
	"context"
	"errors"
	"iter"
	"sync"
	"sync/atomic"
)

// ErrStop is what a handler returns to end its subscription normally. Its delivery counts as handled.
var ErrStop = errors.New("callwire: stop")

// errLeft is the end by leaving the loop over All.
var errLeft = errors.New("callwire: the loop was left")

// Subscription is a stream of deliveries that outlives its connections. It is consumed once, by All or by Run.
type Subscription struct {
	client  *Client
	options SubscribeOptions

	consumed atomic.Bool
	stopOnce sync.Once
	stop     chan struct{}
	ended    chan struct{}
	saver    atomic.Pointer[saver]
	closing  error
}

// Subscribe describes a subscription. Nothing is sent before it is consumed.
func (c *Client) Subscribe(options SubscribeOptions) *Subscription {
	if options.Buffer < 1 {
		options.Buffer = defaultBuffer
	}
	return &Subscription{client: c, options: options, stop: make(chan struct{}), ended: make(chan struct{})}
}

// Run calls handle with each delivery, one after the other. A delivery is handled, and its cursor is saved, when handle
// returns nil or ErrStop. Run returns nil when a bounded stream is complete, after ErrStop, Stop and Close; handle's own
// error, whose delivery is not handled; the error of ctx when that is done; the checkpoint's error; or an *Error.
func (s *Subscription) Run(ctx context.Context, handle func(context.Context, Delivery) error) error {
	return s.consume(ctx, handle)
}

// All yields each delivery. A delivery is handled, and its cursor is saved, when the loop asks for the next one; leaving
// the loop by break or return leaves it unhandled. To handle the last one too, call Stop and continue. An error is the
// last thing yielded, for the reasons that Run has; after a loop that was left, Close returns the checkpoint's.
func (s *Subscription) All(ctx context.Context) iter.Seq2[Delivery, error] {
	return func(yield func(Delivery, error) bool) {
		err := s.consume(ctx, func(_ context.Context, delivery Delivery) error {
			if !yield(delivery, nil) {
				return errLeft
			}
			return nil
		})
		if err != nil && !errors.Is(err, errLeft) {
			yield(nil, err)
		}
	}
}

// Stop ends the subscription after the delivery that is being handled. It does not wait, so a handler or loop may call it.
func (s *Subscription) Stop() { s.stopOnce.Do(func() { close(s.stop) }) }

// Close stops the subscription and waits until the delivery that is being handled is handled, the checkpoint is saved and
// the connection closed. The error is that of the last save. It must not be called by the handler or within the loop:
// they have Stop.
func (s *Subscription) Close() error {
	s.Stop()
	if s.consumed.CompareAndSwap(false, true) {
		close(s.ended)
	}
	<-s.ended
	return s.closing
}

// Cursor is the position up to which everything was handled; empty before there is one.
func (s *Subscription) Cursor() string {
	if saver := s.saver.Load(); saver != nil {
		return saver.cursor()
	}
	return ""
}

// consume runs the subscription to its end, and saves what was handled.
func (s *Subscription) consume(ctx context.Context, handle func(context.Context, Delivery) error) (err error) {
	if !s.consumed.CompareAndSwap(false, true) {
		return errors.New("callwire: a subscription can be consumed once only, and not after Close")
	}
	defer close(s.ended)
	var loaded SavedPosition
	if s.options.Checkpoint != nil {
		if loaded, err = s.options.Checkpoint.Load(ctx); err != nil {
			return err
		}
	}
	saver := newSaver(ctx, s.options.Checkpoint, s.options.Save, loaded)
	s.saver.Store(saver)
	defer func() {
		if s.closing = saver.close(); s.closing != nil {
			err = errors.Join(err, s.closing)
		}
	}()

	feed := s.feed(loaded)
	feedCtx, cancel := context.WithCancel(ctx)
	var receiving sync.WaitGroup
	receiving.Go(func() { feed.run(feedCtx) })
	defer receiving.Wait()
	defer cancel()
	return s.deliver(ctx, feed, saver, handle)
}

// deliver hands on item after item until there is a reason to end.
func (s *Subscription) deliver(ctx context.Context, feed *feed, saver *saver, handle func(context.Context, Delivery) error) error {
	for {
		next, open, err := s.next(ctx, feed, saver)
		if !open {
			return err
		}
		var outcome error
		switch {
		case next.status != nil:
			feed.notify(next.status)
		case next.delivery != nil:
			outcome = handle(ctx, next.delivery)
		}
		if outcome != nil && !errors.Is(outcome, ErrStop) {
			return outcome
		}
		if err := saver.handled(next); err != nil || outcome != nil {
			return err
		}
	}
}

// next waits for an item. Without one, the error says why; nil is a normal end. Being told to end comes before items that
// wait.
func (s *Subscription) next(ctx context.Context, feed *feed, saver *saver) (next item, open bool, err error) {
	select {
	case <-s.stop:
		return item{}, false, nil
	case <-ctx.Done():
		return item{}, false, context.Cause(ctx)
	default:
	}
	select {
	case <-s.stop:
		return item{}, false, nil
	case <-ctx.Done():
		return item{}, false, context.Cause(ctx)
	case err := <-saver.failed:
		return item{}, false, err
	case next, open := <-feed.items:
		if open {
			return next, true, nil
		}
	}
	if err := context.Cause(ctx); err != nil {
		return item{}, false, err
	}
	return item{}, false, feed.err
}

func (s *Subscription) feed(loaded SavedPosition) *feed {
	policy := s.client.retry
	if s.options.Retry != nil {
		policy = s.options.Retry.withDefaults()
	}
	return &feed{
		client:  s.client,
		policy:  policy,
		silence: s.options.silence(),
		resume:  newResume(s.options.request(), loaded),
		items:   make(chan item, s.options.Buffer),
		notify:  oneAtATime(s.options.OnStatus),
	}
}

// oneAtATime makes a callback safe to be called by the receiving and the handling side.
func oneAtATime(notify func(Status)) func(Status) {
	if notify == nil {
		return func(Status) {}
	}
	var mu sync.Mutex
	return func(status Status) {
		mu.Lock()
		defer mu.Unlock()
		notify(status)
	}
}
