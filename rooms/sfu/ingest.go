package sfu

import (
	"time"

	"github.com/pion/webrtc/v4"

	"lyceum/rooms/sfu/packet"
)

// receiveMTU is the largest packet that is read, in bytes.
const receiveMTU = 1500

// ingest reads one incoming track until it ends. It is the one reader of the
// publication as long as no newer track has begun.
func (p *publication) ingest(pc *webrtc.PeerConnection, track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	in := &ingest{pub: p, pc: pc, ssrc: uint32(track.SSRC()), codec: codecNone}
	for _, e := range receiver.GetParameters().HeaderExtensions {
		if e.URI == levelURI {
			in.levelID = uint8(e.ID)
		}
	}
	p.begin(in)
	p.room.node.closing.Go(func() {
		rid := track.RID()
		in.readReports(func(b []byte) (int, error) {
			if rid != "" {
				n, _, err := receiver.ReadSimulcast(b, rid)
				return n, err
			}
			n, _, err := receiver.Read(b)
			return n, err
		})
	})
	buf := make([]byte, receiveMTU)
	for {
		n, _, err := track.Read(buf)
		if err != nil {
			return
		}
		in.packet(track, buf[:n])
	}
}

// packet checks one packet and forwards it.
func (in *ingest) packet(track *webrtc.TrackRemote, b []byte) {
	v, err := packet.Parse(b, in.levelID)
	if err != nil {
		in.pub.room.count.dropped.Add(1)
		return
	}
	if in.codec == codecNone || v.PayloadType != in.payloadType {
		in.payloadType, in.codec = v.PayloadType, codecOf(track.Codec().MimeType)
	}
	if !carries(in.pub.source, in.codec) {
		in.pub.room.count.dropped.Add(1)
		return
	}
	in.pub.forward(in, v, time.Now().UnixNano())
}
