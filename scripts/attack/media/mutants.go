package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// batch is how many packets go out between two looks at the clock.
const batch = 20

// attack sends count mutated packets from an authenticated peer, about rate a second: RTP with every field out
// of order, RTCP of any bytes at all (both under the connection's real keys), and packets of the right address
// whose keys are wrong.
func (p *peer) attack(ctx context.Context, listener *peer, count, rate int, server net.Addr) error {
	random := rand.New(rand.NewPCG(uint64(count), 11)) //nolint:gosec // repeatable mutations
	began := time.Now()
	for sent := 0; sent < count; sent++ {
		if sent%batch == 0 {
			due := time.NewTimer(time.Until(began.Add(time.Duration(sent) * time.Second / time.Duration(rate))))
			select {
			case <-due.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		var err error
		switch kind := random.IntN(10); {
		case kind < 6:
			track := p.tracks[random.IntN(len(p.tracks))]
			err = track.write(mutateHeader(random, track, 10*sent > 9*count), junk(random, 1200))
		case kind < 8:
			err = p.pc.WriteRTCP([]rtcp.Packet{mutateReport(random)})
		case kind < 9:
			err = listener.pc.WriteRTCP([]rtcp.Packet{mutateReport(random)})
		default:
			raw := junk(random, 1200)
			if len(raw) > 1 {
				raw[0], raw[1] = 0x80|raw[0]&0x3f, []byte{111, 96, 200, 201, 205, 206}[random.IntN(6)]
			}
			_, err = p.socket.WriteTo(raw, server)
		}
		if err != nil && ctx.Err() == nil {
			select {
			case <-p.ended: // thrown out, which is the server's right
				return fmt.Errorf("media: the attacker was cut off after %d packets", sent)
			default:
			}
		}
	}
	return nil
}

func junk(random *rand.Rand, most int) []byte {
	b := make([]byte, random.IntN(most))
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}

// mutateHeader is a header that can be written, with fields that no sender would choose. Numbers only go so far
// astray that the receiver's keys still fit (RFC 3711, section 3.3.1): what cannot be decrypted proves nothing. A
// payload type that was not negotiated ends the sender's own track, so those come at the end.
func mutateHeader(random *rand.Rand, track *wild, end bool) *rtp.Header {
	track.seq++
	track.time += 960
	h := &rtp.Header{Version: 2, PayloadType: uint8(track.params.Load().PayloadType), SSRC: track.ssrc.Load(), Timestamp: track.time, Marker: random.IntN(2) == 0}
	switch random.IntN(9) {
	case 0: // gaps
		track.seq += uint16(random.IntN(3000))
	case 1: // a wrap every other time
		if random.IntN(20) == 0 {
			track.seq += 30_000
		}
	case 2:
		h.Timestamp = random.Uint32()
	case 3:
		if end {
			h.PayloadType = uint8(random.IntN(128))
		}
	case 4: // SSRCs that nobody announced; only a few, as many as a real attacker has time for
		h.SSRC = 1000 + random.Uint32N(64)
	case 5:
		for range random.IntN(16) {
			h.CSRC = append(h.CSRC, random.Uint32())
		}
	case 6:
		h.Padding, h.PaddingSize = true, byte(random.IntN(256))
	case 7:
		h.Extension, h.ExtensionProfile = true, []uint16{0xBEDE, 0x1000, 0x1001, uint16(random.Uint32())}[random.IntN(4)]
		for i := range random.IntN(4) {
			_ = h.SetExtension(uint8(i+1), junk(random, 15)) // what cannot be written is left out
		}
	}
	h.SequenceNumber = track.seq
	if random.IntN(10) == 0 { // late, or a second time
		h.SequenceNumber -= uint16(random.IntN(60))
	}
	return h
}

// mutateReport is RTCP: a plausible compound with bytes turned over, or plain junk.
func mutateReport(random *rand.Rand) rtcp.Packet {
	var b []byte
	ssrc := random.Uint32N(4000)
	good := []rtcp.Packet{
		&rtcp.SenderReport{SSRC: ssrc, NTPTime: random.Uint64(), RTPTime: random.Uint32()},
		&rtcp.ReceiverReport{SSRC: ssrc, Reports: []rtcp.ReceptionReport{{SSRC: random.Uint32()}}},
		&rtcp.TransportLayerNack{MediaSSRC: random.Uint32(), Nacks: []rtcp.NackPair{{PacketID: uint16(random.Uint32()), LostPackets: 0xffff}}},
		&rtcp.PictureLossIndication{MediaSSRC: random.Uint32()},
		&rtcp.FullIntraRequest{MediaSSRC: random.Uint32(), FIR: []rtcp.FIREntry{{SSRC: random.Uint32()}}},
		&rtcp.Goodbye{Sources: []uint32{ssrc}, Reason: "bye"},
		&rtcp.ReceiverEstimatedMaximumBitrate{SenderSSRC: ssrc, Bitrate: 1, SSRCs: []uint32{1}},
		&rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{Source: ssrc, Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: "x"}}}}},
	}
	if random.IntN(4) > 0 {
		b, _ = good[random.IntN(len(good))].Marshal() // all of these can be written
	} else {
		b = append([]byte{0x80, byte(200 + random.IntN(8)), 0, byte(random.IntN(40))}, junk(random, 400)...)
	}
	for range random.IntN(4) {
		b[random.IntN(len(b))] = byte(random.Uint32())
	}
	raw := rtcp.RawPacket(b)
	return &raw
}
