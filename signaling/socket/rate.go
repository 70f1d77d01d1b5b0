package socket

import "time"

// bucket is a token bucket: burst at once, then rate a second.
type bucket struct {
	rate, burst, left float64
	at                time.Time
}

func newBucket(rate, burst int, now time.Time) bucket {
	return bucket{rate: float64(rate), burst: float64(burst), left: float64(burst), at: now}
}

// take reports whether one more is allowed now, and if not, how long until it is.
func (b *bucket) take(now time.Time) (bool, time.Duration) {
	b.left = min(b.burst, b.left+now.Sub(b.at).Seconds()*b.rate)
	b.at = now
	if b.left < 1 {
		return false, time.Duration((1 - b.left) / b.rate * float64(time.Second))
	}
	b.left--
	return true, 0
}
