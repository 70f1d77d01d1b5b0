package seqmap

// maxRuns bounds how many left-out packets can be remembered at once. With
// more, packets older than the oldest run are refused: they are late anyway.
const maxRuns = 32

// maxJump is how far from the newest number a packet may be, in either
// direction. Further away the sender is taken to have begun again. RFC 3550
// appendix A.1 says 3000 ahead and 100 behind; retransmissions come later than
// reordering does.
const maxJump = 2048

// origin leaves room below the first number for packets that overtook it.
const origin = 1 << 32

// run is a stretch of incoming numbers with one distance to the outgoing ones.
type run struct {
	first uint64 // first incoming number that belongs to it
	limit uint64 // first that no longer does; zero while it is the newest
	shift uint64 // outgoing = incoming + shift, modulo 2^64
}

// Map numbers the packets of one publication from 1, without end.
type Map struct {
	newest uint64 // newest incoming number, extended to 64 bits
	last   uint64 // newest outgoing number
	runs   [maxRuns]run
	count  int
}

// Restart makes the next packet the start of a new stream: it gets the number
// after the last, and numbers from before it are refused.
func (m *Map) Restart() { m.count = 0 }

// Last is the newest outgoing number.
func (m *Map) Last() uint64 { return m.last }

// Next returns the outgoing number of an incoming one. It is false for numbers
// from before the last restart and for those dropped.
func (m *Map) Next(in uint16) (uint64, bool) {
	n, ahead := m.extend(in)
	if !ahead {
		return m.find(n)
	}
	m.newest = n
	m.last = n + m.runs[m.count-1].shift
	return m.last, true
}

// Drop leaves in out of the outgoing numbers, so that no subscriber waits for
// it. A number that is not the newest cannot be left out any more: it stays a
// gap like any lost packet.
func (m *Map) Drop(in uint16) {
	if m.count == 0 {
		return
	}
	n, ahead := m.extend(in)
	if !ahead {
		return
	}
	m.newest = n
	cur := &m.runs[m.count-1]
	m.last = n - 1 + cur.shift
	if cur.first == n { // nothing in this run yet: move it on
		cur.first, cur.shift = n+1, cur.shift-1
		return
	}
	cur.limit = n
	next := run{first: n + 1, shift: cur.shift - 1}
	if m.count == maxRuns {
		copy(m.runs[:], m.runs[1:])
		m.count--
	}
	m.runs[m.count] = next
	m.count++
}

// extend returns the 64-bit number of in and whether it is newer than all
// before. It begins a new run when there is none or the sender began again.
func (m *Map) extend(in uint16) (uint64, bool) {
	if m.count > 0 {
		d := int64(int16(in - uint16(m.newest)))
		if d > -maxJump && d < maxJump {
			return m.newest + uint64(d), d > 0
		}
	}
	n := uint64(origin) + uint64(in)
	m.runs[0] = run{first: n, shift: m.last + 1 - n}
	m.count = 1
	return n, true
}

// find looks up a number that is not the newest, newest run first.
func (m *Map) find(n uint64) (uint64, bool) {
	for i := m.count - 1; i >= 0; i-- {
		r := &m.runs[i]
		if n >= r.first {
			return n + r.shift, r.limit == 0 || n < r.limit
		}
	}
	return 0, false
}
