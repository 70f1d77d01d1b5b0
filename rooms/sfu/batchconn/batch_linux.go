package batchconn

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxSegments is how many packets go to one receiver as one message. The
// kernel takes 64, and all of them must stay under 64 KiB.
const maxSegments = 32

// Address is a receiver's address in the form the kernel reads.
type Address struct {
	name unix.RawSockaddrInet6 // large enough for both families
	size uint32
}

// Address prepares to. The same pointer must be used for the packets of one
// receiver, so that they can be joined.
func (c *Conn) Address(to netip.AddrPort) *Address {
	a := &Address{}
	a.size = encode(&a.name, to, c.ring.six)
	return a
}

// Batch collects packets of one sender. Packets to the same receiver that come
// one after the other and have the same size (the last may be shorter) go out
// as one message that is cut up at the end of the kernel's path (UDP_SEGMENT).
// It belongs to one goroutine at a time.
type Batch struct {
	conn *Conn
	send func(fd uintptr)
	raw  syscall.RawConn

	n       int // packets
	packets [depth][SlotSize]byte
	to      [depth]*Address
	vectors [depth]unix.Iovec

	next, count int // messages
	first       [depth]int
	messages    [depth]message
	controls    [depth]control
}

// control is the one control message that a message may have: the size of its
// segments.
type control struct {
	hdr  unix.Cmsghdr
	size uint16
	_    [6]byte
}

// NewBatch makes an empty batch of about 100 KB.
func (c *Conn) NewBatch() *Batch {
	b := &Batch{conn: c, raw: c.ring.raw}
	b.send = b.sendAll // bound once: a method value made per flush would allocate
	for i := range b.messages {
		b.vectors[i].Base = &b.packets[i][0]
		h := &b.controls[i].hdr
		h.Level, h.Type = unix.IPPROTO_UDP, unix.UDP_SEGMENT
		h.SetLen(unix.CmsgLen(2))
	}
	return b
}

// Slot is where the next packet is written, SlotSize bytes.
func (b *Batch) Slot() []byte { return b.packets[b.n][:] }

// Add queues the first size bytes of the slot for a receiver. A full batch is
// sent on the spot.
func (b *Batch) Add(size int, to *Address) {
	b.vectors[b.n].SetLen(size)
	b.to[b.n] = to
	if b.n++; b.n == depth {
		b.Flush()
	}
}

// Flush sends what is queued.
func (b *Batch) Flush() {
	if b.n == 0 {
		return
	}
	b.plan(0, !b.conn.unsegmented.Load())
	// Control, unlike Write, does not keep other batches of the socket waiting.
	if err := b.raw.Control(b.send); err != nil { // closed
		b.conn.lost.Add(uint64(b.n))
	}
	b.n = 0
}

// plan lays out the packets from first on as messages.
func (b *Batch) plan(first int, join bool) {
	b.next, b.count = 0, 0
	for i := first; i < b.n; {
		end := i + 1
		for join && end < b.n && end-i < maxSegments && b.to[end] == b.to[i] &&
			b.vectors[end-1].Len == b.vectors[i].Len && b.vectors[end].Len <= b.vectors[i].Len {
			end++
		}
		h := &b.messages[b.count].hdr
		h.Name, h.Namelen = (*byte)(unsafe.Pointer(&b.to[i].name)), b.to[i].size
		h.Iov = &b.vectors[i]
		h.SetIovlen(end - i)
		h.Control = nil
		h.SetControllen(0)
		if end-i > 1 {
			c := &b.controls[b.count]
			c.size = uint16(b.vectors[i].Len)
			h.Control = (*byte)(unsafe.Pointer(c))
			h.SetControllen(int(unsafe.Sizeof(*c)))
		}
		b.first[b.count] = i
		b.count++
		i = end
	}
}

// sendAll passes the messages to the kernel. It never waits: one that is
// refused for its own sake is skipped, and when the buffer is full the rest is
// lost.
func (b *Batch) sendAll(fd uintptr) {
	for b.next < b.count {
		sent, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, fd,
			uintptr(unsafe.Pointer(&b.messages[b.next])), uintptr(b.count-b.next), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			b.next += int(sent)
		case unix.EINTR:
		case unix.EAGAIN, unix.ENOBUFS:
			b.conn.lost.Add(uint64(b.n - b.first[b.next]))
			return
		default:
			if b.messages[b.next].hdr.Iovlen > 1 {
				b.apart(errno)
				continue
			}
			b.conn.lost.Add(1)
			b.next++
		}
	}
}

// apart plans the rest anew with every packet on its own, because the kernel
// did not take several at once. A network card without checksums never will
// (EIO); a path for small packets will not for this receiver (EINVAL).
func (b *Batch) apart(why syscall.Errno) {
	if why == unix.EIO || why == unix.EOPNOTSUPP || why == unix.ENOPROTOOPT {
		b.conn.unsegmented.Store(true)
	}
	b.plan(b.first[b.next], false)
}

// encode writes the kernel's form of an address and returns its size. Ports
// are in network order; on a socket for both families IPv4 is mapped.
func encode(name *unix.RawSockaddrInet6, to netip.AddrPort, six bool) uint32 {
	port := (*[2]byte)(unsafe.Pointer(&name.Port))
	binary.BigEndian.PutUint16(port[:], to.Port())
	if six {
		name.Family, name.Addr = unix.AF_INET6, to.Addr().As16()
		return unix.SizeofSockaddrInet6
	}
	four := (*unix.RawSockaddrInet4)(unsafe.Pointer(name))
	four.Family = unix.AF_INET6 // on this socket refused by the kernel
	if a := to.Addr().Unmap(); a.Is4() {
		four.Family, four.Addr = unix.AF_INET, a.As4()
	}
	return unix.SizeofSockaddrInet4
}
