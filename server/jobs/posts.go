package jobs

import (
	"context"
	"log/slog"
	"time"
)

// PostQueue is what the poster needs of the store: QueueDuePosts puts posts whose moment has come into the outbox, each at
// most once a lease, so that any number of nodes may ask.
type PostQueue interface {
	QueueDuePosts(ctx context.Context, limit int, now time.Time) (int, error)
}

const (
	postsEvery = 5 * time.Second
	postsBatch = 100
)

// Posts brings posts to social networks on their way when they are due: the first time, after a pause that an attempt's
// failure asked for, and after a crash that lost one on the way. SQL alone says what is due.
type Posts struct {
	queue PostQueue
	poke  func() // tells the relay
	now   func() time.Time
	log   *slog.Logger
}

// NewPosts makes the task; it works while Run runs.
func NewPosts(q PostQueue, poke func(), now func() time.Time, log *slog.Logger) *Posts {
	return &Posts{queue: q, poke: poke, now: now, log: log}
}

// Run looks at once and then every five seconds, until ctx ends.
func (p *Posts) Run(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := p.queue.QueueDuePosts(ctx, postsBatch, p.now())
		switch {
		case err != nil && ctx.Err() == nil:
			p.log.Warn("jobs: posts wait", "err", err)
		case n > 0:
			p.poke()
		}
		pause(ctx, postsEvery, nil)
	}
}
