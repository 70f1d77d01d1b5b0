package seqmap

// Line is the numbering one subscriber sees. It begins anywhere, stays with
// one publication until Begin is called again, and never repeats a number.
type Line struct {
	first uint64 // first number of the publication that this subscriber gets
	last  uint64 // newest number handed out, extended to 64 bits
	shift uint64
}

// NewLine makes a line whose first packet has the number after start. Keep
// start below 2^15, so that a receiver that misses the first packets does not
// misjudge the rollover (RFC 3711 section 3.3.1).
func NewLine(start uint16) Line { return Line{last: 1<<16 + uint64(start)} }

// Begin continues the line with the publication's number in. What came before
// it in that publication is refused from now on.
func (l *Line) Begin(in uint64) {
	l.first, l.shift = in, l.last+1-in
}

// Seq returns the subscriber's number for the publication's, false when the
// subscriber was not there yet.
func (l *Line) Seq(in uint64) (uint16, bool) {
	out, ok := l.Index(in)
	return uint16(out), ok
}

// Index is Seq with the rollover count before it: how often the subscriber's
// number has wrapped, from zero (RFC 3711 section 3.3.1).
func (l *Line) Index(in uint64) (uint64, bool) {
	if in < l.first {
		return 0, false
	}
	out := in + l.shift
	if out > l.last {
		l.last = out
	}
	return out - 1<<16, true
}

// Back finds the publication's number behind one a subscriber asks for again.
// It is false for numbers that were never sent or belong to what was before
// the last Begin.
func (l *Line) Back(out uint16) (uint64, bool) {
	n := l.last - uint64(uint16(l.last)-out)
	in := n - l.shift
	return in, in >= l.first && in <= l.last-l.shift
}

// Timeline keeps RTP timestamps running when their source changes. The time of
// day comes from outside, in nanoseconds.
type Timeline struct {
	rate  uint32
	shift uint32
	last  uint32
	at    int64
	begun bool
}

// NewTimeline makes a timeline of rate ticks a second (48000 for Opus, 90000
// for video) that begins at start.
func NewTimeline(rate, start uint32) Timeline { return Timeline{rate: rate, last: start} }

// Begin makes ts, seen at now, the continuation of what was noted last.
func (t *Timeline) Begin(ts uint32, now int64) {
	next := t.last
	if t.begun {
		// At least one tick on, so that two sources never share a timestamp.
		next += 1 + uint32(uint64(max(now-t.at, 0))*uint64(t.rate)/1e9)
	}
	t.shift = next - ts
}

// Map returns the outgoing timestamp of ts.
func (t *Timeline) Map(ts uint32) uint32 { return ts + t.shift }

// Note remembers the newest outgoing timestamp and when it was seen. Older
// ones, of packets sent again, change nothing.
func (t *Timeline) Note(out uint32, now int64) {
	if t.begun && int32(out-t.last) < 0 {
		return
	}
	t.last, t.at, t.begun = out, now, true
}
