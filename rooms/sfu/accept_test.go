package sfu_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"lyceum/rooms"
	"lyceum/rooms/sfu"
)

// offerer makes a client that offers: prepare adds its media.
func offerer(t testing.TB, prepare func(*client, *webrtc.PeerConnection)) (*client, *webrtc.PeerConnection, string) {
	t.Helper()
	c := newClient(t, "offerer", clientOptions{})
	pc := c.connection(sfu.SideSubscribe)
	prepare(c, pc)
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	<-gathered
	return c, pc, pc.LocalDescription().SDP
}

func accepted(t testing.TB, c *client, pc *webrtc.PeerConnection, peer *sfu.Peer, answer string) {
	t.Helper()
	c.peer = peer
	t.Cleanup(c.close)
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
}

// whip publishes with hostile tracks, which send as long as the test runs.
func whip(t testing.TB, room *sfu.Room, name string) (*client, map[rooms.Source]*hostile) {
	t.Helper()
	tracks := map[rooms.Source]*hostile{}
	c, pc, offer := offerer(t, func(c *client, pc *webrtc.PeerConnection) {
		for _, src := range []rooms.Source{rooms.SourceMic, rooms.SourceCamera} {
			tracks[src] = newHostile(src)
			_, err := pc.AddTransceiverFromTrack(tracks[src], webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	peer, answer, err := room.AcceptPublisher(name, offer)
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, c, pc, peer, answer)
	for _, h := range tracks {
		c.done.Go(func() { h.run(c.stop) })
	}
	return c, tracks
}

// whep receives; what comes is noted by kind under no participant's name.
func whep(t testing.TB, room *sfu.Room, name string) *client {
	t.Helper()
	c, pc, offer := offerer(t, func(c *client, pc *webrtc.PeerConnection) {
		for _, k := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
			_, err := pc.AddTransceiverFromKind(k, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
			if err != nil {
				t.Fatal(err)
			}
		}
		c.byMid = map[string]key{"0": {"", rooms.SourceMic}, "1": {"", rooms.SourceCamera}}
	})
	peer, answer, err := room.AcceptSubscriber(name, offer)
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, c, pc, peer, answer)
	return c
}

// A WHIP client is heard and seen by participants and WHEP clients, once its
// gates are open, and nothing of it passes after they are shut.
func TestWHIPAndWHEP(t *testing.T) {
	room := mustOpen(t).Room("talk")
	ben, viewer := join(t, room, "ben", clientOptions{}), whep(t, room, "viewer")
	speaker, tracks := whip(t, room, "speaker")
	eventually(t, "packets reach the shut gates", func() bool { return room.Stats().Shut > 20 })
	if len(ben.all("speaker"))+len(viewer.all("")) != 0 {
		t.Fatal("packets passed before anybody opened the gate")
	}
	for _, src := range []rooms.Source{rooms.SourceMic, rooms.SourceCamera} {
		speaker.peer.Gate(src, true)
		ben.awaitMore("speaker", src, 20)
		viewer.awaitMore("", src, 20)
	}
	evil := tracks[rooms.SourceCamera]
	evil.use(evil.ssrc + 1)
	speaker.peer.Gate(rooms.SourceCamera, false)
	shut := time.Now()
	awaitSent(t, room, evil)
	awaitSent(t, room, evil)
	if n := leaked(ben.from("speaker", rooms.SourceCamera), shut) + leaked(viewer.from("", rooms.SourceCamera), shut); n != 0 {
		t.Fatalf("%d packets arrived later than 100 ms after the gate was shut", n)
	}
	ben.awaitMore("speaker", rooms.SourceMic, 20)
}

// A WHEP client's tracks follow what is published, without a break that its
// player could see.
func TestWHEPFollows(t *testing.T) {
	room := mustOpen(t).Room("talk")
	viewer := whep(t, room, "viewer")
	first, _ := whip(t, room, "first")
	first.peer.Gate(rooms.SourceCamera, true)
	viewer.awaitMore("", rooms.SourceCamera, 20)
	second, _ := whip(t, room, "second")
	second.peer.Gate(rooms.SourceCamera, true)
	viewer.awaitMore("", rooms.SourceCamera, 20)
	first.peer.Gate(rooms.SourceCamera, false)
	viewer.awaitMore("", rooms.SourceCamera, 20)
	first.close()
	second.close()
	eventually(t, "both are gone", func() bool { return room.Stats().Publications == 0 })
	third, _ := whip(t, room, "third")
	third.peer.Gate(rooms.SourceCamera, true)
	viewer.awaitMore("", rooms.SourceCamera, 20)
	mustBeContinuous(t, viewer.from("", rooms.SourceCamera))
}

// When a WHIP client goes, its peer closes and others lose its publications.
func TestAWHIPClientGoes(t *testing.T) {
	room := mustOpen(t).Room("talk")
	speaker, _ := whip(t, room, "speaker")
	speaker.peer.Gate(rooms.SourceMic, true)
	eventually(t, "it is there", func() bool { return room.Stats().PacketsIn > 5 })
	speaker.mu.Lock()
	pc := speaker.pcs[sfu.SideSubscribe]
	speaker.mu.Unlock()
	if err := pc.Close(); err != nil {
		t.Fatal(err)
	}
	<-speaker.peer.Done()
	eventually(t, "nothing is left of it", func() bool { s := room.Stats(); return s.Peers == 0 && s.Publications == 0 })
}

func TestAcceptRefusesJunk(t *testing.T) {
	room := mustOpen(t).Room("talk")
	_, pc, dataOnly := offerer(t, func(_ *client, pc *webrtc.PeerConnection) {
		if _, err := pc.CreateDataChannel("data", nil); err != nil {
			t.Fatal(err)
		}
	})
	t.Cleanup(func() { _ = pc.GracefulClose() })
	cases := map[string]string{
		"nothing":                    "",
		"no description":             "GET / HTTP/1.1",
		"a description of nothing":   "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n",
		"neither sound nor picture":  dataOnly,
		"lines without end":          "v=0\r\n" + strings.Repeat("a=x\r\n", 1<<17),
		"a section without an id":    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=sendonly\r\n",
		"a section without a secret": "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\n",
	}
	for name, offer := range cases {
		t.Run(name, func(t *testing.T) {
			if _, _, err := room.AcceptPublisher("ada", offer); !errors.Is(err, sfu.ErrMalformed) {
				t.Errorf("as publisher: %v", err)
			}
			if _, _, err := room.AcceptSubscriber("ada", offer); !errors.Is(err, sfu.ErrMalformed) {
				t.Errorf("as subscriber: %v", err)
			}
		})
	}
	if s := room.Stats(); s.Peers != 0 || s.Publications != 0 {
		t.Errorf("refused clients left %+v behind", s)
	}
}
