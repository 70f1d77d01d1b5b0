package bus

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// serve runs the handler for one message and tells the server the outcome.
func (c *consumer) serve(ctx context.Context, msg jetstream.Msg) {
	m := Message{Key: msg.Headers().Get(keyHeader), Data: msg.Data(), Attempt: 1}
	if meta, err := msg.Metadata(); err == nil {
		m.Attempt = int(meta.NumDelivered)
	}
	err := c.guarded(ctx, msg, m)
	done, dropped, after := verdict(err, m.Attempt)
	switch {
	case done:
		c.settle(msg, msg.DoubleAck(context.WithoutCancel(ctx)))
	case dropped:
		c.bus.log.Error("bus: message dropped", "consumer", c.durable, "key", m.Key, "attempt", m.Attempt, "err", err)
		c.settle(msg, msg.TermWithReason("given up"))
	default:
		c.bus.log.Info("bus: message comes again", "consumer", c.durable, "key", m.Key, "attempt", m.Attempt, "after", after, "err", err)
		c.settle(msg, msg.NakWithDelay(after))
	}
}

// guarded turns a panic into an error and tells the server every third of ackWait that a slow handler is still alive.
func (c *consumer) guarded(ctx context.Context, msg jetstream.Msg, m Message) (err error) {
	alive := time.NewTicker(ackWait / 3)
	over := make(chan struct{})
	var beat sync.WaitGroup
	beat.Go(func() {
		for {
			select {
			case <-alive.C:
				c.settle(msg, msg.InProgress())
			case <-over:
				return
			}
		}
	})
	defer func() {
		if p := recover(); p != nil {
			c.bus.log.Error("bus: handler panicked", "consumer", c.durable, "key", m.Key, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("handler panicked: %v", p)
		}
		alive.Stop()
		close(over)
		beat.Wait()
	}()
	return c.handle(ctx, m)
}

// settle notes an acknowledgement that did not reach the server. Nothing else is to be done: the message comes again and
// its key tells the handler that it knows it.
func (c *consumer) settle(msg jetstream.Msg, err error) {
	if err != nil {
		c.bus.log.Warn("bus: acknowledgement lost, the message comes again", "consumer", c.durable, "key", msg.Headers().Get(keyHeader), "err", err)
	}
}
