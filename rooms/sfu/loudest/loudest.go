// Package loudest chooses whose microphones a large room hears.
//
// It is told the level of each packet (RFC 6464) and answers whether that
// microphone is among the few that are passed on. A voice is heard at once; a
// place that was won is kept against others that are hardly louder, and while
// the speaker only pauses, so that people who talk in turn do not cut each
// other off. It is a plain value without clock or lock: time comes with each
// call, in nanoseconds, and its user holds a lock.
package loudest

import "time"

const (
	// margin is how much louder a newcomer must be than the quietest that is
	// heard, in dB.
	margin = 6
	// hold is how long a place is kept in any case.
	hold = 600 * time.Millisecond
	// absent is after how long without a packet a place is free.
	absent = time.Second
	// silent is the level of digital silence, in -dBov.
	silent = 127
	// Of the distance to the packet's level, the average goes this part of the
	// way: half when it is louder, so that a voice counts within 60 ms, little
	// when it is quieter, so that a pause between words does not.
	rise, fall = 2, 40
)

// Choice is what is heard of a room. K names a microphone.
type Choice[K comparable] struct {
	places int
	voices map[K]*voice
}

type voice struct {
	loudness float64 // dB above digital silence, averaged
	last     int64   // its newest packet
	heard    bool
	since    int64 // when it began to be heard
}

// New makes a choice of that many microphones.
func New[K comparable](places int) *Choice[K] {
	return &Choice[K]{places: places, voices: map[K]*voice{}}
}

// Hear notes a packet with level, in -dBov, and reports whether it is passed
// on.
func (c *Choice[K]) Hear(who K, level uint8, now int64) bool {
	v := c.voices[who]
	if v == nil {
		v = &voice{}
		c.voices[who] = v
	}
	v.last = now
	if to := float64(silent - min(level&0x7f, silent)); to > v.loudness {
		v.loudness += (to - v.loudness) / rise
	} else {
		v.loudness += (to - v.loudness) / fall
	}
	if !v.heard && c.admits(v, now) {
		v.heard, v.since = true, now
	}
	return v.heard
}

// admits makes room for v if it deserves a place.
func (c *Choice[K]) admits(v *voice, now int64) bool {
	taken := 0
	var quietest *voice
	for _, o := range c.voices {
		if o.heard && now-o.last > int64(absent) {
			o.heard = false
		}
		if !o.heard {
			continue
		}
		taken++
		if now-o.since >= int64(hold) && (quietest == nil || o.loudness < quietest.loudness) {
			quietest = o
		}
	}
	if taken < c.places {
		return true
	}
	if quietest == nil || v.loudness < quietest.loudness+margin {
		return false
	}
	quietest.heard = false
	return true
}

// Forget takes a microphone away.
func (c *Choice[K]) Forget(who K) { delete(c.voices, who) }
