package batchconn

import (
	"net"
	"net/netip"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// depth is how many packets wait at most; a full ring is sent on the spot.
const depth = 64

// message is struct mmsghdr of sendmmsg(2).
type message struct {
	hdr  unix.Msghdr
	sent uint32
}

// ring holds the packets of one batch in the form the kernel reads. Its lock
// is held for the copy of one packet or for one system call.
type ring struct {
	conn *Conn
	raw  syscall.RawConn
	six  bool // the socket speaks IPv6, IPv4 addresses must be mapped
	send func(fd uintptr)

	mu       sync.Mutex
	n, next  int
	packets  [depth][maxPacket]byte
	vectors  [depth]unix.Iovec
	names    [depth]unix.RawSockaddrInet6 // large enough for both families
	messages [depth]message
}

func (r *ring) init(c *Conn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	r.conn, r.raw = c, raw
	r.send = r.sendAll // bound once: a method value made per flush would allocate
	local, ok := c.LocalAddr().(*net.UDPAddr)
	r.six = ok && local.IP.To4() == nil
	for i := range r.messages {
		r.vectors[i].Base = &r.packets[i][0]
		h := &r.messages[i].hdr
		h.Name, h.Iov = (*byte)(unsafe.Pointer(&r.names[i])), &r.vectors[i]
		h.SetIovlen(1)
	}
	return nil
}

// WriteToAddrPort queues RTP and writes everything else.
func (c *Conn) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if !isRTP(b) {
		return c.WriteToUDPAddrPort(b, to)
	}
	r := &c.ring
	r.mu.Lock()
	defer r.mu.Unlock()
	copy(r.packets[r.n][:], b)
	r.vectors[r.n].SetLen(len(b))
	r.messages[r.n].hdr.Namelen = encode(&r.names[r.n], to, r.six)
	if r.n++; r.n == depth {
		r.flush()
	}
	return len(b), nil
}

// Flush sends what is queued.
func (c *Conn) Flush() {
	c.ring.mu.Lock()
	defer c.ring.mu.Unlock()
	c.ring.flush()
}

func (r *ring) flush() {
	if r.n == 0 {
		return
	}
	r.next = 0
	if err := r.raw.Control(r.send); err != nil { // closed
		r.conn.lost.Add(uint64(r.n - r.next))
	}
	r.n = 0
}

// sendAll passes the batch to the kernel. It never waits: a packet that is
// refused for its own sake is skipped, and when the buffer is full the rest is
// lost.
func (r *ring) sendAll(fd uintptr) {
	for r.next < r.n {
		sent, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, fd,
			uintptr(unsafe.Pointer(&r.messages[r.next])), uintptr(r.n-r.next), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			r.next += int(sent)
		case unix.EINTR:
		case unix.EAGAIN, unix.ENOBUFS:
			r.conn.lost.Add(uint64(r.n - r.next))
			r.next = r.n
		default:
			r.conn.lost.Add(1)
			r.next++
		}
	}
}
