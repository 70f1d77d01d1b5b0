package sfu_test

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"lyceum/rooms"
)

// stalled is a socket that stops reading when it is told to, as a receiver does
// whose machine hangs.
type stalled struct {
	*net.UDPConn
	stop   atomic.Bool
	closed chan struct{}
	once   sync.Once
}

func (s *stalled) ReadFrom(b []byte) (int, net.Addr, error) {
	if s.stop.Load() {
		<-s.closed
		return 0, nil, net.ErrClosed
	}
	return s.UDPConn.ReadFrom(b)
}

func (s *stalled) Close() error {
	s.once.Do(func() { close(s.closed) })
	return s.UDPConn.Close()
}

// A receiver that hangs costs the others nothing.
func TestAStalledReceiverStopsNobody(t *testing.T) {
	room := mustOpen(t).Room("talk")
	var socket *stalled
	ada, ben := join(t, room, "ada", clientOptions{}), join(t, room, "ben", clientOptions{})
	cem := join(t, room, "cem", clientOptions{wrap: func(u *net.UDPConn) net.PacketConn {
		_ = u.SetReadBuffer(4096)
		socket = &stalled{UDPConn: u, closed: make(chan struct{})}
		return socket
	}})
	ada.pump(rooms.SourceCamera)
	ada.peer.Gate(rooms.SourceCamera, true)
	cem.awaitMore("ada", rooms.SourceCamera, 10)
	ben.awaitMore("ada", rooms.SourceCamera, 10)
	socket.stop.Store(true)
	ben.awaitMore("ada", rooms.SourceCamera, 300)
	mustBeContinuous(t, ben.from("ada", rooms.SourceCamera))
}
