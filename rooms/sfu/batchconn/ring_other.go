//go:build !linux

package batchconn

import "net/netip"

// ring is empty where packets cannot be sent in batches.
type ring struct{}

func (*ring) init(*Conn) error { return nil }

// WriteToAddrPort writes b at once.
func (c *Conn) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	n, err := c.WriteToUDPAddrPort(b, to)
	if err != nil && isRTP(b) {
		c.lost.Add(1)
	}
	return n, err
}

// Flush does nothing: nothing waits.
func (c *Conn) Flush() {}
