package client

import (
	"testing"
	"time"
)

// The loop begins when the second of the wall clock is 0, whatever the time of day, so that the drawn clock
// is right.
func TestLoopBeginsWithTheMinute(t *testing.T) {
	length := Speaker().length()
	for _, now := range []time.Time{
		time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC),
		time.Date(2026, 11, 23, 18, 59, 59, 999_999_999, time.UTC),
		time.Date(2031, 2, 28, 3, 17, 42, 123_456_789, time.UTC),
	} {
		begun := loopStart(now, length)
		if begun.Second() != 0 || begun.Nanosecond() != 0 || now.Sub(begun) >= time.Minute || now.Before(begun) {
			t.Errorf("at %v the loop began %v", now, begun)
		}
	}
}
