package main

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"lyceum/rooms"
	"lyceum/scripts/attack/house"
	"lyceum/signaling/client"
)

const (
	room = "media-attack"
	// audioFrame is how often the honest speaker sends.
	audioFrame = 20 * time.Millisecond
	// allowedLoss is what others may lose, in percent.
	allowedLoss = 1.0
)

// talk is an honest speaker, whose packets are counted, and three who listen.
type talk struct {
	house     *house.House
	speaker   *peer
	sent      atomic.Uint64
	stop      context.CancelFunc
	speaking  sync.WaitGroup
	listeners []*client.Conn
}

var honest = client.Flow{Participant: "honest", Source: "mic"}

func openTalk(ctx context.Context, h *house.House) (*talk, error) {
	t := &talk{house: h}
	var err error
	if t.speaker, err = connect(ctx, h, publishing, room, h.Token(room, "honest", rooms.RoleSpeaker), unchanged); err != nil {
		return nil, err
	}
	select {
	case <-t.speaker.connected:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	speaking, stop := context.WithCancel(ctx)
	t.stop = stop
	t.speaking.Go(func() { t.speak(speaking) })
	for i := range 3 {
		id := fmt.Sprint("listener-", i)
		c, err := client.Dial(ctx, h.Live, h.Token(room, id, rooms.RoleAttendee), client.Options{Loopback: true})
		if err != nil {
			t.close()
			return nil, err
		}
		t.listeners = append(t.listeners, c)
		if err := c.Wait(ctx, honest, 10); err != nil {
			t.close()
			return nil, err
		}
	}
	return t, nil
}

// speak sends audio until ctx ends.
func (t *talk) speak(ctx context.Context) {
	tick := time.NewTicker(audioFrame)
	defer tick.Stop()
	track := t.speaker.tracks[0]
	for n := uint16(0); ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		h := &rtp.Header{Version: 2, PayloadType: uint8(track.params.Load().PayloadType), SSRC: track.ssrc.Load(), SequenceNumber: n, Timestamp: uint32(n) * 960}
		if track.write(h, make([]byte, 80)) == nil {
			t.sent.Add(1)
		}
	}
}

func (t *talk) close() {
	t.stop()
	t.speaking.Wait()
	for _, c := range t.listeners {
		c.Drop()
	}
	t.speaker.close()
}

// rounds is how often the attacker comes in anew.
const rounds = 10

// mutation is the authenticated attacker.
func mutation(ctx context.Context, t *talk, server net.Addr, o Options, report *Report) error {
	sent, heard := t.sent.Load(), make([]uint64, len(t.listeners))
	for i, c := range t.listeners {
		heard[i] = c.Count(honest).Packets
		c.ForgetGaps()
	}
	began := time.Now()
	for n := range rounds {
		if err := t.round(ctx, n, server, o, report); err != nil {
			return err
		}
	}
	report.Mutated, report.Seconds = o.Packets, time.Since(began).Seconds()
	due := float64(t.sent.Load() - sent)
	for i, c := range t.listeners {
		// The last packets may still be on their way.
		waiting, stop := context.WithTimeout(ctx, time.Second)
		_ = c.Wait(waiting, honest, 3)
		stop()
		seen := c.Count(honest)
		report.LossPercent = max(report.LossPercent, 100*(due-float64(seen.Packets-heard[i]))/due)
		report.Longest = max(report.Longest, seen.Gap.Milliseconds())
		for flow, count := range c.All() {
			if flow != honest {
				report.Forwarded += count.Packets
			}
		}
	}
	if report.Forwarded == 0 && report.CutOff == "" {
		report.broken("nothing of the attack reached anybody: it proves nothing")
	}
	if report.LossPercent > allowedLoss {
		report.broken("others lost %.2f %% of the honest speaker", report.LossPercent)
	}
	return nil
}

// round is one connection of the attacker, and one by which it listens and complains.
func (t *talk) round(ctx context.Context, n int, server net.Addr, o Options, report *Report) error {
	var pair [2]*peer
	for i, kind := range []string{publishing, listening} {
		id := fmt.Sprintf("enemy-%d-%d", n, i)
		p, err := connect(ctx, t.house, kind, room, t.house.Token(room, id, rooms.RoleSpeaker), unchanged)
		if err != nil {
			return err
		}
		defer p.close()
		select {
		case <-p.connected:
		case <-ctx.Done():
			return ctx.Err()
		}
		pair[i] = p
	}
	if err := pair[0].attack(ctx, pair[1], o.Packets/rounds, o.Rate, server); err != nil {
		report.CutOff = err.Error()
	}
	return nil
}

// handshakes has people come in while a stranger sprays.
func handshakes(ctx context.Context, t *talk, server net.Addr, o Options, report *Report) error {
	spraying, stop := context.WithCancel(ctx)
	var stranger sync.WaitGroup
	stranger.Go(func() { report.Sprayed = spray(spraying, server) })
	defer stranger.Wait()
	defer stop()
	var mu sync.Mutex
	var all sync.WaitGroup
	turns := make(chan struct{}, 8) // who comes in at the same time; the others wait
	for i := range o.Handshakes {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			began := time.Now()
			err := t.visit(ctx, fmt.Sprint("visitor-", i))
			mu.Lock()
			defer mu.Unlock()
			report.Handshakes++
			report.SlowestJoin = max(report.SlowestJoin, time.Since(began).Milliseconds())
			if err != nil {
				report.HandshakesFailed++
				report.broken("visitor %d: %v", i, err)
			}
		})
	}
	all.Wait()
	return nil
}

// visit comes in, hears the speaker and leaves.
func (t *talk) visit(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	c, err := client.Dial(ctx, t.house.Live, t.house.Token(room, id, rooms.RoleAttendee), client.Options{Loopback: true})
	if err != nil {
		return err
	}
	defer c.Leave()
	return c.Wait(ctx, honest, 1)
}

// impostor connects with another certificate than it announced, and must get nothing.
func impostor(ctx context.Context, t *talk, _ net.Addr, _ Options, report *Report) error {
	p, err := connect(ctx, t.house, listening, room, t.house.Token(room, "impostor", rooms.RoleAttendee), wrongFingerprint)
	if err != nil {
		return err
	}
	defer p.close()
	// The server ends it; nobody waits longer than its own limit for silent peers.
	waiting, stop := context.WithTimeout(ctx, 40*time.Second)
	defer stop()
	select {
	case <-p.ended:
	case <-waiting.Done():
		report.broken("the impostor's connection was not ended")
	}
	if report.ImpostorPackets = p.packets.Load(); report.ImpostorPackets > 0 {
		report.broken("the impostor got %d packets", report.ImpostorPackets)
	}
	return nil
}
