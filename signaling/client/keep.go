package client

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
)

// Waits between attempts of [KeepPublishing], doubling from the first to the last.
const (
	firstWait = 250 * time.Millisecond
	lastWait  = 5 * time.Second
	// goodAfter is how long a connection must have stood for the waits to begin anew.
	goodAfter = 10 * time.Second
)

// KeepPublishing publishes until ctx ends, and comes back with growing waits whenever the server refuses,
// goes away or restarts. next is asked before every attempt, so that each has a fresh token. It returns
// when all of it has stopped.
func KeepPublishing(ctx context.Context, next func() (WHIP, error), m Media) {
	wait := firstWait
	for ctx.Err() == nil {
		began := time.Now()
		log, err := publishOnce(ctx, next, m)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > goodAfter {
			wait = firstWait
		}
		if log != nil {
			log.LogAttrs(ctx, slog.LevelInfo, "publication ended, trying again",
				slog.Duration("wait", wait), slog.Any("error", err))
		}
		if !pause(ctx, Spread(wait)) {
			return
		}
		wait = min(2*wait, lastWait)
	}
}

// publishOnce publishes until the connection or ctx ends.
func publishOnce(ctx context.Context, next func() (WHIP, error), m Media) (*slog.Logger, error) {
	at, err := next()
	if err != nil {
		return at.Log, err
	}
	p, err := Publish(ctx, at, m)
	if err != nil {
		return at.Log, err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
	}
	leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWait)
	defer cancel()
	return at.Log, p.Close(leaving)
}

// Spread is a wait between half and all of d, so that many clients do not come back in one wave.
func Spread(d time.Duration) time.Duration {
	return d/2 + rand.N(d/2+1) //nolint:gosec // spreading load, not keeping secrets
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
