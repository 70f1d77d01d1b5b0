package web

import (
	"sync"
	"time"
)

// limits are the buckets of the site. A nil limiter lets everything pass.
type limits struct {
	network *limiter // every request of a network; loose, because a school is one address
	apply   *limiter // applications for seats, by network
	seat    *limiter // applications for seats, by person and event
	sign    *limiter // sign-in links, by mail address
	guess   *limiter // sign-in links and codes, and refused tickets, by network
}

func newLimits(on bool, now func() time.Time) limits {
	if !on {
		return limits{}
	}
	return limits{
		network: newLimiter(1200, 30, now),
		apply:   newLimiter(300, 1, now),
		seat:    newLimiter(5, 5.0/60, now),
		sign:    newLimiter(5, 5.0/60, now),
		guess:   newLimiter(20, 10.0/60, now),
	}
}

// maxBuckets bounds the memory of one limiter: two generations of this many.
const maxBuckets = 20_000

// limiter is a set of token buckets, one a key. When the young generation is
// full it becomes the old one and the former old one is forgotten; a bucket in
// use moves along, so only those idle for a whole generation are lost.
type limiter struct {
	burst float64 // tokens of a full bucket
	rate  float64 // tokens a second
	now   func() time.Time

	mu         sync.Mutex
	young, old map[string]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newLimiter(burst, rate float64, now func() time.Time) *limiter {
	return &limiter{burst: burst, rate: rate, now: now, young: map[string]bucket{}}
}

// take uses one token of the key's bucket. The error, a *limited, says when the
// next one is there.
func (l *limiter) take(key string) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b, ok := l.young[key]
	if !ok {
		if b, ok = l.old[key]; !ok {
			b = bucket{l.burst, now}
		}
		if len(l.young) >= maxBuckets {
			l.young, l.old = map[string]bucket{}, l.young
		}
	}
	b.tokens = min(l.burst, b.tokens+max(0, now.Sub(b.at).Seconds())*l.rate)
	b.at = now
	var err error
	if b.tokens < 1 {
		err = &limited{wait: time.Duration((1 - b.tokens) / l.rate * float64(time.Second))}
	} else {
		b.tokens--
	}
	l.young[key] = b
	return err
}
