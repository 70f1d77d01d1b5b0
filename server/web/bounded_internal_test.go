package web

import (
	"strconv"
	"testing"
	"time"
)

// A limiter's memory has an end, and a key in use survives a flood of others.
func TestLimiterForgetsIdleKeysOnly(t *testing.T) {
	now := time.Unix(0, 0)
	l := newLimiter(1, 1e-9, func() time.Time { return now })
	if err := l.take("victim"); err != nil {
		t.Fatal(err)
	}
	for i := range 5 * maxBuckets {
		_ = l.take(strconv.Itoa(i)) // the answer to the flood does not matter
		if i%(maxBuckets/2) == 0 && l.take("victim") == nil {
			t.Fatalf("the victim's bucket was full again after %d other keys", i)
		}
	}
	if held := len(l.young) + len(l.old); held > 2*maxBuckets {
		t.Errorf("%d buckets held, want at most %d", held, 2*maxBuckets)
	}
}

// huma has English messages and no codes; this holds the ones we read to ours.
func TestEveryStatusFindsItsProblem(t *testing.T) {
	for status := 400; status < 600; status++ {
		p := problemForStatus(status)
		if p.Code == "" || p.Title == "" || status < 500 && p.Status >= 500 {
			t.Errorf("status %d became %+v", status, p)
		}
	}
}
