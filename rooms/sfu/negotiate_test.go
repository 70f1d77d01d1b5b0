package sfu_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"

	"lyceum/rooms"
	"lyceum/rooms/sfu"
)

// mailbox is a participant that answers nothing by itself.
type mailbox struct {
	offers chan sfu.Offer // as many as a test makes
	failed chan sfu.Side
}

func newMailbox() *mailbox {
	return &mailbox{offers: make(chan sfu.Offer, 64), failed: make(chan sfu.Side, 64)}
}
func (m *mailbox) Offer(o sfu.Offer)    { m.offers <- o }
func (m *mailbox) Failed(side sfu.Side) { m.failed <- side }

// One offer of a side is outstanding at a time: what changes meanwhile comes
// with the next, and an answer to anything else is refused.
func TestOneOfferAtATime(t *testing.T) {
	room := mustOpen(t).Room("talk")
	box := newMailbox()
	peer := room.Join("ada", box)
	if err := peer.Publish(rooms.SourceMic); err != nil {
		t.Fatal(err)
	}
	first := <-box.offers
	for _, src := range []rooms.Source{rooms.SourceCamera, rooms.SourceScreen} {
		if err := peer.Publish(src); err != nil {
			t.Fatal(err)
		}
	}
	ada := newClient(t, "ada", clientOptions{})
	ada.peer = peer
	t.Cleanup(ada.close)
	if err := peer.Answer(sfu.SidePublish, first.Number+1, "v=0"); !errors.Is(err, sfu.ErrStale) {
		t.Fatalf("an answer to no offer gave %v", err)
	}
	if len(box.offers) != 0 {
		t.Fatal("a second offer came before the first was answered")
	}
	ada.answer(first)
	second := <-box.offers
	if second.Number != first.Number+1 || len(second.Tracks) != 3 {
		t.Fatalf("offer %d lists %d tracks", second.Number, len(second.Tracks))
	}
	if err := peer.Answer(sfu.SidePublish, first.Number, "v=0"); !errors.Is(err, sfu.ErrStale) {
		t.Fatalf("a stale answer gave %v", err)
	}
	ada.answer(second)
	if len(box.offers) != 0 {
		t.Fatal("an offer came though nothing changed")
	}
}

// Fifty times on and off, with people coming and going: in the end everybody
// has what is there.
func TestNegotiationStorm(t *testing.T) {
	room := mustOpen(t).Room("talk")
	ada, ben := join(t, room, "ada", clientOptions{}), join(t, room, "ben", clientOptions{})
	ada.pump(rooms.SourceCamera)
	ada.pump(rooms.SourceMic)
	here := []*client{ben}
	for i := range 50 {
		ada.peer.Unpublish(rooms.SourceCamera)
		switch i % 10 {
		case 3:
			here = append(here, join(t, room, fmt.Sprint("late-", i), clientOptions{}))
		case 6:
			join(t, room, fmt.Sprint("brief-", i), clientOptions{}).close()
		}
		if i%2 == 0 { // let half of the rounds go all the way
			eventually(t, "ben is told that it is gone", func() bool { return ben.offered() == 1 })
		}
		if err := ada.peer.Publish(rooms.SourceCamera); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			eventually(t, "ben is told that it is back", func() bool { return ben.offered() == 2 })
		}
	}
	ada.peer.Gate(rooms.SourceCamera, true)
	ada.peer.Gate(rooms.SourceMic, true)
	for _, c := range here {
		c.awaitMore("ada", rooms.SourceCamera, 10)
		c.awaitMore("ada", rooms.SourceMic, 10)
	}
	ben.mu.Lock()
	sections := strings.Count(ben.newest.SDP, "m=video")
	ben.mu.Unlock()
	if sections > 3 {
		t.Errorf("one camera took %d media sections", sections)
	}
	eventually(t, "nobody else is left", func() bool { return room.Stats().Subscriptions == 2*len(here) })
}

// offered is how many tracks the newest answered offer listed.
func (c *client) offered() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.newest.Tracks)
}

// A connection that is lost is made anew, without anybody asking.
func TestALostConnectionIsMadeAnew(t *testing.T) {
	room := mustOpen(t).Room("talk")
	ada, ben := join(t, room, "ada", clientOptions{}), join(t, room, "ben", clientOptions{})
	ada.pump(rooms.SourceMic)
	ada.peer.Gate(rooms.SourceMic, true)
	ben.awaitMore("ada", rooms.SourceMic, 10)
	for _, c := range []struct {
		who  *client
		side sfu.Side
	}{{ben, sfu.SideSubscribe}, {ada, sfu.SidePublish}} {
		c.who.mu.Lock()
		pc := c.who.pcs[c.side]
		c.who.mu.Unlock()
		if err := pc.Close(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the loss is noticed", func() bool {
			c.who.mu.Lock()
			defer c.who.mu.Unlock()
			return c.who.failed == 1
		})
		ben.awaitMore("ada", rooms.SourceMic, 10)
	}
}

// What cannot be used is an error and leaves the peer in order.
func TestMalformedInput(t *testing.T) {
	room := mustOpen(t).Room("talk")
	box := newMailbox()
	peer := room.Join("ada", box)
	if err := peer.Publish(rooms.SourceMic); err != nil {
		t.Fatal(err)
	}
	offer := <-box.offers
	cases := []struct {
		name string
		do   func() error
		want error
	}{
		{"an answer that is no description", func() error { return peer.Answer(sfu.SidePublish, offer.Number, "hello") }, sfu.ErrMalformed},
		{"an empty answer", func() error { return peer.Answer(sfu.SidePublish, offer.Number, "") }, sfu.ErrMalformed},
		{"a very long answer", func() error {
			return peer.Answer(sfu.SidePublish, offer.Number, strings.Repeat("a=x\r\n", 1<<17))
		}, sfu.ErrMalformed},
		{"an answer for no such side", func() error { return peer.Answer("sideways", 1, "v=0") }, sfu.ErrUnknown},
		{"an answer where nothing was offered", func() error { return peer.Answer(sfu.SideSubscribe, 1, "v=0") }, sfu.ErrStale},
		{"a candidate for no such side", func() error { return peer.Candidate("sideways", "", "0") }, sfu.ErrUnknown},
		{"a candidate before there is a connection", func() error { return peer.Candidate(sfu.SideSubscribe, "", "0") }, sfu.ErrStale},
		{"a source that does not exist", func() error { return peer.Publish("smell") }, sfu.ErrUnknown},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := c.do(); !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
		})
	}
	ada := newClient(t, "ada", clientOptions{})
	ada.peer = peer
	t.Cleanup(ada.close)
	if err := peer.Candidate(sfu.SidePublish, "junk", "0"); err != nil {
		t.Fatalf("a candidate before the answer is kept for later, got %v", err)
	}
	ada.answer(offer)
	if ada.answers() != 1 {
		t.Fatal("after all that the right answer was refused")
	}
	if err := peer.Candidate(sfu.SidePublish, "junk", "0"); !errors.Is(err, sfu.ErrMalformed) {
		t.Fatalf("a malformed candidate gave %v", err)
	}
	for range 200 {
		_ = peer.Candidate(sfu.SidePublish, "candidate:1 1 udp 1 127.0.0.1 9 typ host", "0")
	}
	if err := peer.Candidate(sfu.SidePublish, "candidate:1 1 udp 1 127.0.0.1 9 typ host", "0"); !errors.Is(err, sfu.ErrMalformed) {
		t.Fatalf("candidates without end gave %v", err)
	}
}

// Addresses outside are offered beside the machine's own; what is no address
// is refused at the start.
func TestAnnounce(t *testing.T) {
	node, err := sfu.Open(sfu.Config{Addr: "127.0.0.1:0", Announce: []string{"203.0.113.7"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Close() })
	box := newMailbox()
	if err := node.Room("talk").Join("ada", box).Publish(rooms.SourceMic); err != nil {
		t.Fatal(err)
	}
	sdp := (<-box.offers).SDP
	for _, ip := range []string{"203.0.113.7", "127.0.0.1"} {
		for _, network := range []string{"udp", "tcp"} {
			if want := fmt.Sprintf("%s %d", ip, node.Addr().Port()); !candidate(sdp, network, want) {
				t.Errorf("no %s candidate for %s in\n%s", network, want, sdp)
			}
		}
	}
	if _, err := sfu.Open(sfu.Config{Addr: "127.0.0.1:0", Announce: []string{"library.example"}}); err == nil {
		t.Error("a name was taken for an address")
	}
}

func candidate(sdp, network, want string) bool {
	for _, line := range strings.Split(sdp, "\r\n") {
		if strings.HasPrefix(line, "a=candidate:") && strings.Contains(line, " "+network+" ") && strings.Contains(line, " "+want+" ") {
			return true
		}
	}
	return false
}

// Both protocols are on one port, and a port in use is an error that says so.
func TestOnePort(t *testing.T) {
	node := mustOpen(t)
	addr := node.Addr().String()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	if _, err := sfu.Open(sfu.Config{Addr: addr}); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("the second on the same port got %v", err)
	}
	if _, err := sfu.Open(sfu.Config{Addr: "nonsense"}); err == nil {
		t.Error("nonsense was taken for an address")
	}
}

// After Close there is nothing to do, and nothing breaks.
func TestAfterClose(t *testing.T) {
	node := mustOpen(t)
	room := node.Room("talk")
	peer := room.Join("ada", newMailbox())
	room.Close()
	<-peer.Done()
	if err := peer.Publish(rooms.SourceMic); !errors.Is(err, sfu.ErrClosed) {
		t.Errorf("publish gave %v", err)
	}
	peer.Unpublish(rooms.SourceMic)
	peer.Gate(rooms.SourceMic, true)
	peer.Close()
	<-room.Join("ben", newMailbox()).Done()
	if _, _, err := room.AcceptPublisher("cem", "v=0"); !errors.Is(err, sfu.ErrClosed) {
		t.Errorf("accept gave %v", err)
	}
	if node.Room("talk") == room {
		t.Error("a closed room is handed out again")
	}
}

// Payload types are the same in every offer, so that no packet needs another.
func TestPayloadTypesAreFixed(t *testing.T) {
	room := mustOpen(t).Room("talk")
	ada, ben := newMailbox(), newMailbox()
	peer := room.Join("ada", ada)
	for _, src := range []rooms.Source{rooms.SourceMic, rooms.SourceCamera} {
		if err := peer.Publish(src); err != nil {
			t.Fatal(err)
		}
	}
	room.Join("ben", ben)
	for name, o := range map[string]sfu.Offer{"publish": <-ada.offers, "subscribe": <-ben.offers} {
		for line, kind := range map[string]string{
			"a=rtpmap:111 opus/48000/2": "m=audio", "a=rtpmap:96 VP8/90000": "m=video", "a=rtpmap:102 H264/90000": "m=video",
			"profile-level-id=42e01f": "m=video", "useinbandfec=1": "m=audio",
		} {
			if strings.Contains(o.SDP, kind) && !strings.Contains(o.SDP, line) {
				t.Errorf("the %s offer lacks %q", name, line)
			}
		}
	}
}
