//go:build !linux

package batchconn

import "net/netip"

// Address is a receiver's address.
type Address struct{ to netip.AddrPort }

// Address prepares to.
func (c *Conn) Address(to netip.AddrPort) *Address { return &Address{to} }

// Batch writes packets of one sender, each at once. It belongs to one
// goroutine at a time.
type Batch struct {
	conn   *Conn
	packet [SlotSize]byte
}

// NewBatch makes an empty batch.
func (c *Conn) NewBatch() *Batch { return &Batch{conn: c} }

// Slot is where the next packet is written, SlotSize bytes.
func (b *Batch) Slot() []byte { return b.packet[:] }

// Add sends the first size bytes of the slot to a receiver.
func (b *Batch) Add(size int, to *Address) {
	if _, err := b.conn.WriteToUDPAddrPort(b.packet[:size], to.to); err != nil {
		b.conn.lost.Add(1)
	}
}

// Flush does nothing: nothing waits.
func (b *Batch) Flush() {}
