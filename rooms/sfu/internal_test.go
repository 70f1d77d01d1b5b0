package sfu

import (
	"io"
	"testing"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"lyceum/rooms"
	"lyceum/rooms/sfu/packet"
)

// silent is a participant that reads nothing.
type silent struct{}

func (silent) Offer(Offer) {}
func (silent) Failed(Side) {}

// sink is a negotiated track that throws packets away.
type sink struct{ webrtc.TrackLocalContext }

func (sink) CodecParameters() []webrtc.RTPCodecParameters {
	audio, video := codecs(false)
	return append(audio, video...)
}
func (sink) HeaderExtensions() []webrtc.RTPHeaderExtensionParameter {
	return []webrtc.RTPHeaderExtensionParameter{{URI: levelURI, ID: 1}}
}
func (sink) SSRC() webrtc.SSRC                                   { return 7 }
func (sink) WriteStream() webrtc.TrackLocalWriter                { return sink{} }
func (sink) RTCPReader() interceptor.RTCPReader                  { return nil }
func (sink) Write(b []byte) (int, error)                         { return len(b), nil }
func (sink) WriteRTP(_ *rtp.Header, payload []byte) (int, error) { return len(payload), nil }

// fanOutTo makes one open publication with that many subscriptions.
func fanOutTo(t testing.TB, src rooms.Source, count int) (*publication, *ingest, []*subscription) {
	t.Helper()
	node, err := Open(Config{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Close() })
	return fanOutIn(t, node.Room("talk"), src, count)
}

// fanOutIn does so in a room.
func fanOutIn(t testing.TB, room *Room, src rooms.Source, count int) (*publication, *ingest, []*subscription) {
	t.Helper()
	node := room.node
	pc, err := node.subscribe.open(node.config, func(*webrtc.SettingEngine) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	peer := room.Join("ada", silent{})
	pub, err := peer.publication(src)
	if err != nil {
		t.Fatal(err)
	}
	pub.setGate(true)
	in := &ingest{pub: pub, pc: pc, codec: codecVP8}
	if src == rooms.SourceMic {
		in.codec = codecOpus
	}
	pub.begin(in)
	var subs []*subscription
	for range count {
		s := newSubscription(peer.room, kindOf(src), pc, pub.streamID, pub.trackID)
		s.move(pub)
		if _, err := s.Bind(sink{}); err != nil {
			t.Fatal(err)
		}
		s.connected(&route{})
		subs = append(subs, s)
	}
	return pub, in, subs
}

func view(src rooms.Source) packet.View {
	if src == rooms.SourceMic {
		return packet.View{Payload: make([]byte, 100), HasLevel: true, Level: 30}
	}
	return packet.View{Payload: make([]byte, 1100)}
}

// step is the next packet of a stream.
func step(v *packet.View) { v.Seq++; v.Timestamp += 3000 }

// Forwarding allocates nothing, however many subscribers there are.
func TestForwardingAllocatesNothing(t *testing.T) {
	for _, src := range []rooms.Source{rooms.SourceMic, rooms.SourceCamera} {
		t.Run(string(src), func(t *testing.T) {
			pub, in, _ := fanOutTo(t, src, 50)
			v := view(src)
			now := int64(0)
			next := func() { now += 20e6; step(&v); pub.forward(in, []packet.View{v}, now) }
			next() // who comes new is greeted, once
			if n := testing.AllocsPerRun(500, next); n != 0 {
				t.Fatalf("%v allocations a packet", n)
			}
			if out := pub.room.count.packetsOut.Load(); out < 500*50 {
				t.Fatalf("only %d packets went out", out)
			}
		})
	}
}

// broken is a connection on which every write fails.
type broken struct{ sink }

func (broken) WriteStream() webrtc.TrackLocalWriter      { return broken{} }
func (broken) WriteRTP(*rtp.Header, []byte) (int, error) { return 0, io.ErrClosedPipe }

// A subscriber whose writes fail is counted, and the others get every packet.
func TestAFailingWriteStopsNobody(t *testing.T) {
	pub, in, subs := fanOutTo(t, rooms.SourceCamera, 3)
	if err := subs[1].Unbind(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := subs[1].Bind(broken{}); err != nil {
		t.Fatal(err)
	}
	v := view(rooms.SourceCamera)
	for range 10 {
		step(&v)
		pub.forward(in, []packet.View{v}, 1)
	}
	s := pub.room.Stats()
	if s.PacketsOut != 20 || s.Dropped != 10 {
		t.Fatalf("%d packets went out, %d were dropped", s.PacketsOut, s.Dropped)
	}
}

// slow is a connection that takes nothing while it is full.
type slow struct {
	sink
	full bool
	got  []uint16
}

func (s *slow) WriteStream() webrtc.TrackLocalWriter { return s }
func (s *slow) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	if s.full {
		return 0, io.ErrShortBuffer
	}
	s.got = append(s.got, h.SequenceNumber)
	return len(payload), nil
}

// A subscriber that cannot keep up goes on at the next keyframe, with the next
// number, and is not sent the rest of a picture it cannot show.
func TestASlowSubscriberGoesOnAtAKeyframe(t *testing.T) {
	pub, in, subs := fanOutTo(t, rooms.SourceCamera, 2)
	to := &slow{}
	if err := subs[1].Unbind(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := subs[1].Bind(to); err != nil {
		t.Fatal(err)
	}
	v := view(rooms.SourceCamera)
	send := func(count int, key bool) {
		for range count {
			step(&v)
			v.Payload[0], v.Payload[1] = 0x10, 1
			if key {
				v.Payload[1] = 0
			}
			pub.forward(in, []packet.View{v}, 1)
		}
	}
	send(10, false)
	to.full = true
	send(5, false)
	to.full = false
	send(5, false)
	if len(to.got) != 10 {
		t.Fatalf("%d packets before the keyframe, want 10", len(to.got))
	}
	lost := subs[1].header.SequenceNumber
	pub.resend(subs[1], rtcp.NackPair{PacketID: lost})
	send(1, true)
	send(4, false)
	if len(to.got) != 15 || to.got[10] != lost+1 || to.got[14] != lost+5 {
		t.Fatalf("numbers %v, want them to go on after %d", to.got, lost)
	}
	if n := pub.room.Stats().PacketsOut; n != 25+15 {
		t.Fatalf("%d packets went out: the other subscriber missed some", n)
	}
}

// The time to rewrite and hand over one packet to 200 subscribers, without
// encryption and socket.
func BenchmarkFanOut200(b *testing.B) {
	for _, src := range []rooms.Source{rooms.SourceMic, rooms.SourceCamera} {
		b.Run(string(src), func(b *testing.B) {
			pub, in, _ := fanOutTo(b, src, 200)
			v := view(src)
			now := int64(0)
			b.ReportAllocs()
			for b.Loop() {
				now += 20e6
				step(&v)
				pub.forward(in, []packet.View{v}, now)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/200, "ns/subscriber")
		})
	}
}

// A subscriber cannot have more sent again than its allowance.
func TestRetransmissionsAreBounded(t *testing.T) {
	pub, in, subs := fanOutTo(t, rooms.SourceCamera, 1)
	v := view(rooms.SourceCamera)
	for range 400 {
		step(&v)
		pub.forward(in, []packet.View{v}, 1)
	}
	last := subs[0].header.SequenceNumber
	for i := range uint16(20) {
		pub.resend(subs[0], rtcp.NackPair{PacketID: last - 17*(i+1), LostPackets: 0xffff})
	}
	if n := pub.room.count.resent.Load(); n == 0 || n > 3*resendMax {
		t.Fatalf("%d packets were sent again", n)
	}
}

// Whatever comes as RTP of a publisher or RTCP of a subscriber does no harm.
func FuzzPackets(f *testing.F) {
	media, _ := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: 9, SSRC: 7}, Payload: []byte("media")}).Marshal()
	again, _ := (&rtcp.TransportLayerNack{SenderSSRC: 1, MediaSSRC: 7, Nacks: []rtcp.NackPair{{PacketID: 9, LostPackets: 1}}}).Marshal()
	picture, _ := (&rtcp.PictureLossIndication{SenderSSRC: 1, MediaSSRC: 7}).Marshal()
	report, _ := (&rtcp.SenderReport{SSRC: 7, NTPTime: 1 << 60, RTPTime: 1 << 31}).Marshal()
	f.Add(media, again)
	f.Add(media, picture)
	f.Add([]byte{0x80}, report)
	pub, in, subs := fanOutTo(f, rooms.SourceCamera, 2)
	f.Fuzz(func(t *testing.T, media, control []byte) {
		if v, err := packet.Parse(media, 1); err == nil {
			pub.forward(in, []packet.View{v}, 1)
		}
		pkts, err := rtcp.Unmarshal(control)
		if err != nil {
			return
		}
		subs[0].answer(pkts)
		for _, p := range pkts {
			if sr, ok := p.(*rtcp.SenderReport); ok {
				pub.report(in, sr)
			}
		}
	})
}
