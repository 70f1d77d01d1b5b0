package jobs

import (
	"context"
	"log/slog"
	"time"
)

// Sweeper is what retention needs of the store: Sweep deletes idempotency keys older than their 24 hours, sign-in codes and
// staff sessions past their end, and whatever else is kept for a fixed time only. Sweeping twice does no harm, so every
// node may do it.
type Sweeper interface {
	Sweep(ctx context.Context, now time.Time) error
}

const (
	sweepEvery  = time.Hour
	sweepAtMost = time.Minute
)

// Retention keeps the promise that short-lived rows do not stay.
type Retention struct {
	store Sweeper
	now   func() time.Time
	log   *slog.Logger
}

// NewRetention makes the task; it works while Run runs.
func NewRetention(store Sweeper, now func() time.Time, log *slog.Logger) *Retention {
	return &Retention{store: store, now: now, log: log}
}

// Run sweeps at once and then every hour, until ctx ends.
func (r *Retention) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := r.sweep(ctx); err != nil && ctx.Err() == nil {
			r.log.Warn("jobs: expired rows stay until the next sweep", "err", err)
		}
		pause(ctx, sweepEvery, nil)
	}
}

func (r *Retention) sweep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sweepAtMost)
	defer cancel()
	return r.store.Sweep(ctx, r.now())
}
