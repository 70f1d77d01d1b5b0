package sfu

import (
	"io"
	"sync"

	"github.com/pion/transport/v5/packetio"
	"github.com/pion/webrtc/v4"
)

// arrivals knows what has arrived on one connection and was not read yet. Pion
// does not say, but lets us bring the buffers it puts packets into.
type arrivals struct {
	mu      sync.Mutex
	buffers map[uint32]*arrivalBuffer
}

// Bytes that may wait to be read, as pion has it by default.
const (
	waitingRTP  = 1000 * 1000
	waitingRTCP = 100 * 1000
)

// maxStreams bounds how many SSRCs of one connection are known. Those beyond
// are forwarded packet by packet.
const maxStreams = 64

// arrivalBuffer is pion's own buffer in the form it takes from others.
type arrivalBuffer struct{ *packetio.Buffer }

func (b arrivalBuffer) Read(p []byte) (int, error) {
	n, _, err := b.Buffer.Read(p, nil)
	return n, err
}

func (b arrivalBuffer) Write(p []byte) (int, error) { return b.Buffer.Write(p, nil) }

// take makes the connection of these settings put packets here.
func (a *arrivals) take(s *webrtc.SettingEngine) {
	s.BufferFactory = func(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
		b := &arrivalBuffer{packetio.NewBuffer()}
		b.SetLimitSize(waitingRTCP)
		if kind == packetio.RTPBufferPacket {
			b.SetLimitSize(waitingRTP)
			a.mu.Lock()
			defer a.mu.Unlock()
			if a.buffers == nil {
				a.buffers = map[uint32]*arrivalBuffer{}
			}
			if len(a.buffers) < maxStreams {
				a.buffers[ssrc] = b
			}
		}
		return b
	}
}

// of returns how to ask how many packets of one SSRC wait.
func (a *arrivals) of(ssrc uint32) func() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if b := a.buffers[ssrc]; b != nil {
		return b.Count
	}
	return func() int { return 0 }
}
