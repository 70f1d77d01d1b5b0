package jobs

import (
	"context"
	"log/slog"
	"time"
)

// Expiring is what retention needs of the store: DeleteExpired removes idempotency keys older than their 24 hours,
// sign-in codes and staff sessions past their end, and returns how many rows went. Deleting twice does no harm, so every
// node may run it.
type Expiring interface {
	DeleteExpired(ctx context.Context, now time.Time) (int, error)
}

const (
	cleanEvery  = time.Hour
	cleanAtMost = time.Minute
)

// Retention keeps the promise that short-lived rows do not stay.
type Retention struct {
	store Expiring
	now   func() time.Time
	log   *slog.Logger
}

// NewRetention makes the task; it works while Run runs.
func NewRetention(store Expiring, now func() time.Time, log *slog.Logger) *Retention {
	return &Retention{store: store, now: now, log: log}
}

// Run deletes what has expired, at once and then every hour, until ctx ends.
func (r *Retention) Run(ctx context.Context) {
	for ctx.Err() == nil {
		r.clean(ctx)
		pause(ctx, cleanEvery, nil)
	}
}

func (r *Retention) clean(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, cleanAtMost)
	defer cancel()
	n, err := r.store.DeleteExpired(ctx, r.now())
	switch {
	case err != nil && ctx.Err() == nil:
		r.log.Warn("jobs: expired rows stay until the next try", "err", err)
	case n > 0:
		r.log.Info("jobs: deleted expired rows", "rows", n)
	}
}
