package bus

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Message is one piece of work as its handler sees it. Attempt counts from 1; above 1 an earlier attempt failed, or its
// outcome was lost.
type Message struct {
	Key     string
	Data    []byte
	Attempt int
}

const (
	// ackWait is how long the server waits for a handler's word before it gives the message to somebody else. Short
	// values turn every pause of the machine into a second delivery.
	ackWait = 30 * time.Second
	// handlers is how many messages of one consumer are worked on at the same time; the rest waits in the stream.
	handlers = 8
	// pullFor and heartbeat bound how long we go on asking a server that lost our consumer: two missed beats, and the
	// consumer is made again.
	pullFor   = 10 * time.Second
	heartbeat = 2 * time.Second
	// pendingAtMost is high because a message in its back-off counts as pending and must not block healthy ones.
	pendingAtMost = 100_000
)

// consumer owns the goroutines of one Consume call.
type consumer struct {
	bus     *Bus
	durable string
	config  jetstream.ConsumerConfig
	stream  string
	handle  func(context.Context, Message) error
	cancel  context.CancelFunc // ends the handlers' contexts
	stopped chan struct{}      // closed once: take nothing more
	once    sync.Once
	done    chan struct{} // closed when the last handler has returned
}

// Consume hands every message under subject to handle, up to eight at a time, until stop is called. All consumers with
// the same durable name, in any process, share the work. A handler that returns nil ends the message; Drop removes it;
// Retry, any other error and a panic bring it again. stop takes nothing more and waits for the handlers in flight, as Close
// does: for three seconds, then their contexts end. They also end with ctx.
func (b *Bus) Consume(ctx context.Context, durable, subject string, handle func(context.Context, Message) error) (stop func(), err error) {
	stream := streamOf(subject)
	if stream == "" {
		return nil, fmt.Errorf("bus: consume %s: no stream keeps it", subject)
	}
	c := &consumer{
		bus: b, durable: durable, stream: stream, handle: handle,
		config: jetstream.ConsumerConfig{
			Durable: durable, FilterSubject: subject, AckPolicy: jetstream.AckExplicitPolicy,
			AckWait: ackWait, MaxDeliver: -1, MaxAckPending: pendingAtMost,
		},
		stopped: make(chan struct{}), done: make(chan struct{}),
	}
	ask, cancelAsk := bounded(ctx)
	defer cancelAsk()
	var queue jetstream.MessagesContext
	err = untilReady(ask, func(ctx context.Context) error {
		queue, err = c.open(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		queue.Stop()
		return nil, fmt.Errorf("bus: consume %s: the bus is closed", subject)
	}
	b.consumers[c] = struct{}{}
	run, cancel := context.WithCancel(ctx)
	c.cancel = cancel
	go c.run(run, queue)
	return c.stop, nil
}

// open makes or finds the durable consumer and starts pulling from it.
func (c *consumer) open(ctx context.Context) (jetstream.MessagesContext, error) {
	cons, err := c.bus.js.CreateOrUpdateConsumer(ctx, c.stream, c.config)
	if err != nil {
		return nil, fmt.Errorf("bus: make consumer %s: %w", c.durable, err)
	}
	queue, err := cons.Messages(jetstream.PullMaxMessages(1), jetstream.PullExpiry(pullFor), jetstream.PullHeartbeat(heartbeat))
	if err != nil {
		return nil, fmt.Errorf("bus: pull for %s: %w", c.durable, err)
	}
	return queue, nil
}

func (c *consumer) refuse() { c.once.Do(func() { close(c.stopped) }) }

func (c *consumer) stop() {
	if err := finish([]*consumer{c}); err != nil {
		c.bus.log.Error("bus: stopped too late", "err", err)
	}
}

// run pulls until stopped. free holds one token per message in work, at most eight; full means that the next message
// stays at the server until a handler has returned.
func (c *consumer) run(ctx context.Context, queue jetstream.MessagesContext) {
	free := make(chan struct{}, handlers)
	var working sync.WaitGroup
	for queue != nil {
		err := c.pump(ctx, queue, free, &working)
		queue = nil
		if !c.ended(ctx) {
			c.bus.log.Warn("bus: pulling stopped, starting again", "consumer", c.durable, "err", err)
			queue = c.reopen(ctx)
		}
	}
	working.Wait()
	c.cancel()
	c.bus.mu.Lock()
	delete(c.bus.consumers, c)
	c.bus.mu.Unlock()
	close(c.done)
}

// pump starts a handler for each message until the consumer is stopped or the server lost it. It asks for a message only
// when a handler is free, so no message grows old in a local buffer and comes twice.
func (c *consumer) pump(ctx context.Context, queue jetstream.MessagesContext, free chan struct{}, working *sync.WaitGroup) error {
	over := make(chan struct{})
	defer close(over)
	go func() {
		select {
		case <-c.stopped:
		case <-ctx.Done():
		case <-over:
			return
		}
		queue.Drain() // what was already sent to us is still read below and handed back
	}()
	for {
		select {
		case free <- struct{}{}:
		case <-c.stopped:
		case <-ctx.Done():
		}
		msg, err := queue.Next()
		if err != nil {
			queue.Stop()
			release(free)
			return err
		}
		if c.ended(ctx) {
			c.settle(msg, msg.Nak())
			release(free)
			continue
		}
		working.Go(func() {
			defer release(free)
			c.serve(ctx, msg)
		})
	}
}

// release gives one token back; when stopping, a message may have come without one.
func release(free chan struct{}) {
	select {
	case <-free:
	default:
	}
}

// reopen waits for the server and makes stream and consumer again: a server that lost its folder has neither.
func (c *consumer) reopen(ctx context.Context) jetstream.MessagesContext {
	for attempt := 1; ; attempt++ {
		ask, cancel := context.WithTimeout(ctx, answerWithin)
		err := c.bus.keepStreams(ask)
		var queue jetstream.MessagesContext
		if err == nil {
			queue, err = c.open(ask)
		}
		cancel()
		if err == nil {
			return queue
		}
		c.bus.log.Warn("bus: cannot pull yet", "consumer", c.durable, "err", err)
		select {
		case <-c.stopped:
			return nil
		case <-ctx.Done():
			return nil
		case <-time.After(min(backOff(attempt), ackWait)):
		}
	}
}

func (c *consumer) ended(ctx context.Context) bool {
	select {
	case <-c.stopped:
		return true
	default:
		return ctx.Err() != nil
	}
}
