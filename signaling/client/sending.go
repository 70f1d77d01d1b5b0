package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pion/webrtc/v4"

	"lyceum/rooms"
	"lyceum/signaling/wire"
)

// attach begins sending on the sections that the server set aside for our sources.
func (m *peers) attach(pc *webrtc.PeerConnection, tracks []wire.Track) error {
	for _, t := range tracks {
		m.mu.Lock()
		clip, running := m.clips[t.Source], m.halts[t.Source] != nil
		m.mu.Unlock()
		if clip == nil || running {
			continue
		}
		transceiver := sectionOf(pc, t.Mid)
		if transceiver == nil {
			return fmt.Errorf("client: offer has no section %q", t.Mid)
		}
		if err := m.send(pc, transceiver, t.Source, clip); err != nil {
			return err
		}
	}
	return nil
}

func (m *peers) send(pc *webrtc.PeerConnection, on *webrtc.RTPTransceiver, source string, clip *Clip) error {
	track, err := webrtc.NewTrackLocalStaticSample(clip.Codec, source, m.conn.Welcome.Self)
	if err != nil {
		return fmt.Errorf("client: new track: %w", err)
	}
	sender, err := m.api.NewRTPSender(track, pc.SCTP().Transport())
	if err != nil {
		return fmt.Errorf("client: new sender: %w", err)
	}
	if err := on.SetSender(sender, track); err != nil {
		return errors.Join(fmt.Errorf("client: set sender: %w", err), sender.Stop())
	}
	ctx, halt := context.WithCancel(m.ctx)
	m.mu.Lock()
	m.halts[source] = halt
	m.mu.Unlock()
	start := loopStart(time.Now(), clip.Length())
	m.work.Go(func() { drain(sender) })
	m.work.Go(func() { play(ctx, clip, track, start) })
	return nil
}

// Publish asks to send a source and sends the clip as soon as the server has made room for it. It returns
// with the server's answer to the command; the media follows.
func (c *Conn) Publish(ctx context.Context, source string, clip *Clip) error {
	if c.media == nil {
		return errors.New("client: publish: dialled without media")
	}
	c.media.mu.Lock()
	c.media.clips[source] = clip
	c.media.mu.Unlock()
	return c.Do(ctx, rooms.CommandPublish, wire.Args{Source: source})
}
