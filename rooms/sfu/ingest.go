package sfu

import (
	"runtime"
	"runtime/debug"
	"time"

	"github.com/pion/webrtc/v4"

	"lyceum/rooms/sfu/packet"
)

// receiveMTU is the largest packet that is read, in bytes.
const receiveMTU = 1500

// ingest reads one incoming track until it ends. It is the one reader of the
// publication as long as no newer track has begun.
func (p *publication) ingest(pc *webrtc.PeerConnection, track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver, waiting func() int) {
	in := &ingest{pub: p, pc: pc, ssrc: uint32(track.SSRC()), codec: codecNone}
	for _, e := range receiver.GetParameters().HeaderExtensions {
		if e.URI == levelURI {
			in.levelID = uint8(e.ID)
		}
	}
	p.begin(in)
	p.room.node.closing.Go(func() {
		rid := track.RID()
		p.contain(pc, func() {
			in.readReports(func(b []byte) (int, error) {
				if rid != "" {
					n, _, err := receiver.ReadSimulcast(b, rid)
					return n, err
				}
				n, _, err := receiver.Read(b)
				return n, err
			})
		})
	})
	bufs := make([][]byte, maxTogether)
	for i := range bufs {
		bufs[i] = make([]byte, receiveMTU)
	}
	views := make([]packet.View, 0, maxTogether)
	for {
		views = views[:0]
		for i := range bufs {
			n, _, err := track.Read(bufs[i])
			if err != nil {
				return
			}
			v, ok := in.packet(track, bufs[i][:n])
			if ok {
				views = append(views, v)
			}
			if p.kind == webrtc.RTPCodecTypeAudio || v.Marker || !more(waiting) {
				break
			}
		}
		if len(views) > 0 {
			p.forward(in, views, time.Now().UnixNano())
		}
	}
}

// contain keeps a panic over what a participant sends to the connection it came
// by: that one is given up as if it had failed, and nobody else notices (R16).
// What a reader holds while it works are locks of its own publication, and those
// are let go by defer.
func (p *publication) contain(pc *webrtc.PeerConnection, read func()) {
	defer func() {
		if r := recover(); r != nil {
			p.room.node.log.Error("reading a participant's media panicked", "panic", r, "stack", string(debug.Stack()))
			p.peer.publishing.fail(pc)
		}
	}()
	read()
}

// more reports whether another packet is there already. The packets of a frame
// come back to back; whoever carries them here gets a turn first.
func more(waiting func() int) bool {
	if waiting() > 0 {
		return true
	}
	runtime.Gosched()
	return waiting() > 0
}

// packet checks one packet; false means that it is not forwarded. All packets
// that are forwarded together have the same codec.
func (in *ingest) packet(track *webrtc.TrackRemote, b []byte) (packet.View, bool) {
	v, err := packet.Parse(b, in.levelID)
	if err != nil {
		in.pub.room.count.dropped.Add(1)
		return v, false
	}
	if in.codec == codecNone || v.PayloadType != in.payloadType {
		in.payloadType, in.codec = v.PayloadType, codecOf(track.Codec().MimeType)
	}
	if !carries(in.pub.source, in.codec) {
		in.pub.room.count.dropped.Add(1)
		return v, false
	}
	return v, true
}
