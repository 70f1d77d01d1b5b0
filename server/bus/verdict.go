package bus

import (
	"errors"
	"fmt"
	"time"
)

type retry struct {
	after time.Duration
	cause error
}

func (r *retry) Error() string { return fmt.Sprintf("again in %v: %v", r.after, r.cause) }
func (r *retry) Unwrap() error { return r.cause }

type drop struct{ cause error }

func (d *drop) Error() string { return fmt.Sprintf("given up: %v", d.cause) }
func (d *drop) Unwrap() error { return d.cause }

// Retry is what a handler returns to see the message again after a time of its own choice, instead of the usual back-off.
func Retry(after time.Duration, cause error) error { return &retry{after, cause} }

// Drop is what a handler returns when trying again cannot help: the message is removed and the cause is logged.
func Drop(cause error) error { return &drop{cause} }

// attemptsAtMost ends a message that can never succeed, about four days after it came. What gave up earlier for a reason
// returns Drop; this is the last resort against a queue that only grows.
const attemptsAtMost = 100

// backOff is the pause before the next attempt: short at first, since most faults pass in seconds, at most an hour.
func backOff(attempt int) time.Duration {
	steps := []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour}
	return steps[min(max(attempt, 1), len(steps))-1]
}

// verdict reads a handler's answer: done, given up, or to come again after a pause.
func verdict(err error, attempt int) (done, dropped bool, after time.Duration) {
	var r *retry
	var d *drop
	switch {
	case err == nil:
		return true, false, 0
	case errors.As(err, &d), attempt >= attemptsAtMost:
		return false, true, 0
	case errors.As(err, &r):
		return false, false, max(r.after, 0)
	}
	return false, false, backOff(attempt)
}
