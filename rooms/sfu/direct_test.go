package sfu

import (
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"lyceum/rooms"
	"lyceum/rooms/sfu/packet"
	"lyceum/rooms/sfu/seal"
	"lyceum/rooms/sfu/seqmap"
)

// directTo gives s a key and the way to a socket, and returns how to read the
// next packet there with pion's own SRTP.
func directTo(t *testing.T, pub *publication, s *subscription) (next func() *rtp.Packet) {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	master, salt := []byte("sixteen  byte  k"), []byte("twelve bytes")
	key, err := seal.NewKey(master, salt)
	if err != nil {
		t.Fatal(err)
	}
	r := &route{conn: pub.room.node.conn, key: key}
	r.to.Store(r.conn.Address(c.LocalAddr().(*net.UDPAddr).AddrPort()))
	s.direct = newDirect(r, s.header.SSRC, s.levelID)
	theirs, err := srtp.CreateContext(master, salt, srtp.ProtectionProfileAeadAes128Gcm)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 2000)
	return func() *rtp.Packet {
		t.Helper()
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		n, err := c.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := theirs.DecryptRTP(nil, buf[:n], nil)
		if err != nil {
			t.Fatalf("packet does not decrypt: %v", err)
		}
		p := &rtp.Packet{}
		if err := p.Unmarshal(plain); err != nil {
			t.Fatal(err)
		}
		return p
	}
}

// What is encrypted here can be read by others' SRTP, before and after the
// sequence number wraps, alone and when a frame goes out together.
func TestDirectPacketsCanBeRead(t *testing.T) {
	for _, src := range []rooms.Source{rooms.SourceMic, rooms.SourceCamera} {
		t.Run(string(src), func(t *testing.T) {
			pub, in, subs := fanOutTo(t, src, 1)
			subs[0].line = seqmap.NewLine(65500)
			next := directTo(t, pub, subs[0])
			v := view(src)
			want := uint16(65501)
			for frame := range 40 {
				views := []packet.View{}
				for i := range 1 + frame%3 {
					step(&v)
					v.Marker = i == frame%3
					views = append(views, v)
				}
				pub.forward(in, views, int64(frame)*20e6)
				for _, v := range views {
					p := next()
					if p.SequenceNumber != want || p.Marker != v.Marker || len(p.Payload) != len(v.Payload) {
						t.Fatalf("got number %d, marker %v, %d bytes; want %d, %v, %d",
							p.SequenceNumber, p.Marker, len(p.Payload), want, v.Marker, len(v.Payload))
					}
					level := rtp.AudioLevelExtension{}
					if v.HasLevel && (level.Unmarshal(p.GetExtension(1)) != nil || level.Level != v.Level) {
						t.Fatalf("level %d, want %d", level.Level, v.Level)
					}
					want++
				}
			}
			if n := pub.room.Stats().ThroughPion; n != 0 {
				t.Fatalf("%d packets went through pion", n)
			}
		})
	}
}

// Sent directly, nothing is allocated either.
func TestDirectForwardingAllocatesNothing(t *testing.T) {
	pub, in, subs := fanOutTo(t, rooms.SourceCamera, 50)
	for _, s := range subs {
		directTo(t, pub, s)
	}
	v, now := view(rooms.SourceCamera), int64(0)
	views := make([]packet.View, 6)
	next := func() {
		now += 33e6
		for i := range views {
			step(&v)
			views[i] = v
		}
		pub.forward(in, views, now)
	}
	next()
	if n := testing.AllocsPerRun(200, next); n != 0 {
		t.Fatalf("%v allocations a frame", n)
	}
}

// A subscriber without a way to it is counted and costs nobody anything.
func TestNoRouteStopsNobody(t *testing.T) {
	pub, in, subs := fanOutTo(t, rooms.SourceCamera, 2)
	next := directTo(t, pub, subs[0])
	directTo(t, pub, subs[1])
	subs[1].direct.route.to.Store(nil)
	v := view(rooms.SourceCamera)
	for range 5 {
		step(&v)
		pub.forward(in, []packet.View{v}, 1)
		next()
	}
	if s := pub.room.Stats(); s.PacketsOut != 5 || s.Dropped != 5 {
		t.Fatalf("%d packets went out, %d were dropped", s.PacketsOut, s.Dropped)
	}
}

// A socket that is not read costs the other ninety-nine nothing: each gets
// every packet, in order, while the stalled one's kernel buffer overflows.
func TestAStalledSocketAmongAHundred(t *testing.T) {
	pub, in, subs := fanOutTo(t, rooms.SourceCamera, 100)
	var next []func() *rtp.Packet
	for _, s := range subs {
		next = append(next, directTo(t, pub, s))
	}
	v := view(rooms.SourceCamera)
	last := make([]uint16, len(subs))
	const count = 400 // more than any default socket buffer holds
	for n := range count {
		step(&v)
		pub.forward(in, []packet.View{v}, int64(n)*6e6)
		for i := 1; i < len(subs); i++ {
			p := next[i]()
			if n > 0 && p.SequenceNumber != last[i]+1 {
				t.Fatalf("subscriber %d: number %d after %d", i, p.SequenceNumber, last[i])
			}
			last[i] = p.SequenceNumber
		}
	}
	s := pub.room.Stats()
	if s.PacketsOut != count*100 || s.Dropped != 0 || pub.room.node.Lost() != 0 {
		t.Fatalf("%d packets went out, %d were dropped, %d lost", s.PacketsOut, s.Dropped, pub.room.node.Lost())
	}
}

// Two rooms that forward at the same time never wait for each other, nor do
// the subscribers of one: no mutex is contended.
func TestForwardingSharesNoLock(t *testing.T) {
	node, err := Open(Config{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Close() })
	defer runtime.SetMutexProfileFraction(runtime.SetMutexProfileFraction(1))
	before := contended(t)
	var wait sync.WaitGroup
	for _, name := range []string{"one", "two"} {
		pub, in, subs := fanOutIn(t, node.Room(name), rooms.SourceCamera, 20)
		for _, s := range subs {
			directTo(t, pub, s)
		}
		wait.Go(func() {
			v := view(rooms.SourceCamera)
			for n := range 2000 {
				step(&v)
				pub.forward(in, []packet.View{v}, int64(n))
			}
		})
	}
	wait.Wait()
	if n := contended(t) - before; n != 0 {
		t.Fatalf("%d waits for a lock", n)
	}
}

// contended counts the waits so far for a mutex below publication.forward, but
// for the publication's own, which who opens a gate or asks for a keyframe
// takes as well.
func contended(t *testing.T) (waits int64) {
	t.Helper()
	records := make([]runtime.BlockProfileRecord, 4096)
	n, ok := runtime.MutexProfile(records)
	if !ok {
		t.Fatal("the profile does not fit")
	}
	for _, r := range records[:n] {
		var names []string // innermost first
		for frames := runtime.CallersFrames(r.Stack()); ; {
			f, more := frames.Next()
			names = append(names, f.Function)
			if !more {
				break
			}
		}
		forwarding := slices.ContainsFunc(names, func(f string) bool { return strings.HasSuffix(f, "(*publication).forward") })
		own := len(names) > 1 && strings.Contains(names[1], "(*publication).fanOut")
		if forwarding && !own && strings.HasPrefix(names[0], "sync.") {
			waits += r.Count
		}
	}
	return waits
}
