package load

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"
)

// sample is how many packets go undecrypted for one that is checked.
const sample = 128

// receiver is one subscriber and what it saw.
type receiver struct {
	source *source
	began  time.Time
	first  chan struct{} // closed by the first packet
	once   sync.Once
	joined time.Duration // set before first is closed

	total atomic.Int64

	mu       sync.Mutex
	synced   bool // the next three are known
	ssrc     uint32
	seq      uint16
	index    int64 // of the source's packet that seq stands for
	window   *window
	mismatch int64
}

func newReceiver(s *source) *receiver {
	return &receiver{source: s, began: time.Now(), first: make(chan struct{})}
}

// packet counts one that arrived; true asks for it to be decrypted.
func (r *receiver) packet(b []byte, at int64) bool {
	r.once.Do(func() {
		r.joined = time.Since(r.began)
		close(r.first)
	})
	n := r.total.Add(1)
	seq, ssrc := binary.BigEndian.Uint16(b[2:]), binary.BigEndian.Uint32(b[8:])
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.synced {
		return true
	}
	if ssrc != r.ssrc {
		return false
	}
	ahead := int64(int16(seq - r.seq))
	i := r.index + ahead
	if ahead > 0 {
		r.seq, r.index = seq, i
	}
	if r.window != nil {
		r.window.see(i, at-r.source.leftAt(i))
	}
	return n%sample == 0
}

// decrypted compares a packet's stamp with what its header stands for.
func (r *receiver) decrypted(ssrc uint32, seq uint16, payload []byte) {
	if len(payload) < stampBytes {
		return
	}
	tail := payload[len(payload)-stampBytes:]
	if binary.BigEndian.Uint32(tail) != stamp {
		return
	}
	i := int64(binary.BigEndian.Uint64(tail[4:]))
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.synced || ssrc != r.ssrc:
		r.synced, r.ssrc, r.seq, r.index = true, ssrc, seq, i
	case r.index+int64(int16(seq-r.seq)) != i:
		r.mismatch++
	}
}

// open begins an observation of the packets from..to-1; shut ends it.
func (r *receiver) open(from, to int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.window = &window{from: from, seen: make([]uint64, (to-from)/64+1)}
}

func (r *receiver) shut() (w *window, mismatches int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w, r.window = r.window, nil
	return w, r.mismatch
}

// window is what one receiver saw of a stretch of packets.
type window struct {
	from    int64
	seen    []uint64 // one bit a packet
	delays  []uint32 // microseconds
	doubles int64
}

func (w *window) see(i, delay int64) {
	at := i - w.from
	if at < 0 || at >= int64(len(w.seen))*64 {
		return
	}
	if w.seen[at/64]&(1<<uint(at%64)) != 0 {
		w.doubles++
		return
	}
	w.seen[at/64] |= 1 << uint(at%64)
	w.delays = append(w.delays, uint32(max(delay, 0)/1000))
}

// before counts the packets seen that are older than to.
func (w *window) before(to int64) int64 {
	n := int64(0)
	for i := range min(to-w.from, int64(len(w.seen))*64) {
		if w.seen[i/64]&(1<<uint(i%64)) != 0 {
			n++
		}
	}
	return n
}
