package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// keyHeader carries a message's key to its handler. JetStream's own Nats-Msg-Id is for de-duplication only and is lost
// when a scheduled message fires, so the key travels in a header of ours too.
const keyHeader = "Lyceum-Key"

const (
	answerWithin = 5 * time.Second // one question to the server; a server that died never answers
	finishWithin = 3 * time.Second // what a stop grants handlers before it cancels their contexts
	returnWithin = time.Second     // what a cancelled handler gets to return
)

// Bus is one connection to JetStream, safe for use by many goroutines.
type Bus struct {
	log      *slog.Logger
	conn     *nats.Conn
	js       jetstream.JetStream
	replicas int
	shutdown func() // stops the embedded server; does nothing for a server elsewhere

	mu        sync.Mutex
	closed    bool
	consumers map[*consumer]struct{}
}

// Open connects to JetStream and makes sure that the streams exist and are kept as asked.
//
// The url "embedded" starts a NATS server in this process which listens on no port and keeps its stream in
// dir/jetstream. Anything else is one or more nats:// addresses, comma separated; dir is then unused. Open waits for a
// server until ctx ends, at most ten seconds.
func Open(ctx context.Context, url, dir string, log *slog.Logger) (*Bus, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	b := &Bus{log: log, consumers: map[*consumer]struct{}{}, shutdown: func() {}}
	var err error
	if url == "embedded" {
		b.replicas = 1
		b.conn, b.shutdown, err = embed(ctx, dir, log)
	} else {
		b.replicas = replicasFor(url)
		b.conn, err = dial(ctx, url, log)
	}
	if err != nil {
		return nil, err
	}
	if b.js, err = jetstream.New(b.conn); err == nil {
		err = untilReady(ctx, b.keepStreams)
	}
	if err != nil {
		b.conn.Close()
		b.shutdown()
		return nil, err
	}
	return b, nil
}

// Publish stores one message and returns when JetStream has it on disk. Two messages with the same key published within
// ten minutes are stored once. Without a connection it fails at once instead of queueing in memory: the caller's outbox
// is the queue.
func (b *Bus) Publish(ctx context.Context, subject, key string, data []byte) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	err := b.publish(ctx, subject, key, data)
	if errors.Is(err, jetstream.ErrNoStreamResponse) {
		// The server came back without its folder: make the stream again, then the message has a home.
		if err = b.keepStreams(ctx); err == nil {
			err = b.publish(ctx, subject, key, data)
		}
	}
	if err != nil {
		return fmt.Errorf("bus: publish to %s: %w", subject, err)
	}
	return nil
}

func (b *Bus) publish(ctx context.Context, subject, key string, data []byte) error {
	msg := nats.NewMsg(subject)
	msg.Header.Set(keyHeader, key)
	msg.Data = data
	_, err := b.js.PublishMsg(ctx, msg, jetstream.WithMsgID(key), jetstream.WithRetryAttempts(0))
	return err
}

// Healthy asks the server for every stream: a real round trip, not the connection's own opinion.
func (b *Bus) Healthy(ctx context.Context) error {
	_, err := b.Backlog(ctx)
	return err
}

// Backlog counts the messages that are stored and not yet done, over all streams.
func (b *Bus) Backlog(ctx context.Context) (int, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	total := 0
	for _, want := range streams(b.replicas) {
		stream, err := b.js.Stream(ctx, want.Name)
		if err != nil {
			return 0, fmt.Errorf("bus: look at stream %s: %w", want.Name, err)
		}
		total += int(stream.CachedInfo().State.Msgs)
	}
	return total, nil
}

// Close takes no new messages, waits for the handlers in flight (three seconds, then their contexts are cancelled) and
// ends the connection and the embedded server. Messages that were not finished come again after the next Open.
func (b *Bus) Close() error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return nil
	}
	b.closed = true
	open := make([]*consumer, 0, len(b.consumers))
	for c := range b.consumers {
		open = append(open, c)
	}
	b.mu.Unlock()

	err := finish(open)
	if flushErr := b.conn.FlushTimeout(answerWithin); flushErr != nil && !errors.Is(flushErr, nats.ErrConnectionClosed) {
		b.log.Debug("bus: last acknowledgements may be lost", "err", flushErr)
	}
	b.conn.Close()
	b.shutdown()
	return err
}

// finish stops all consumers at the same time: what a stop may take does not grow with their number.
func finish(open []*consumer) error {
	for _, c := range open {
		c.refuse()
	}
	late := time.AfterFunc(finishWithin, func() {
		for _, c := range open {
			c.cancel()
		}
	})
	defer late.Stop()
	lost := time.After(finishWithin + returnWithin)
	for _, c := range open {
		select {
		case <-c.done:
		case <-lost:
			return fmt.Errorf("bus: a handler of %s did not return", c.durable)
		}
	}
	return nil
}

// bounded gives a question to the server its deadline, however long the caller would wait: what a server was asked just
// before it died is answered by nobody, and asking again reaches the one that took over.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, answerWithin)
}
