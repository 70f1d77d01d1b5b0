package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"lyceum/signaling/client"
	"lyceum/signaling/wire"
)

// member is one participant over all their connections.
type member struct {
	token, id string
	conn      *client.Conn
	seen      map[string]int // chat text -> times seen, over all connections
	counted   int            // events of the current connection already looked at
}

// crowd is everybody in the room; the first is the host, the second speaks.
type crowd struct {
	house   *house
	members []*member
	sent    []string // acknowledged chat messages
}

func (h *house) crowd(ctx context.Context, people int) (*crowd, error) {
	c := &crowd{house: h}
	for _, of := range []struct {
		role  string
		count int
	}{{"host", 1}, {"speaker", 1}, {"attendee", people - 2}} {
		tokens, err := h.tokens(ctx, of.role, of.count)
		if err != nil {
			return nil, err
		}
		for _, t := range tokens {
			c.members = append(c.members, &member{token: t, seen: map[string]int{}})
		}
	}
	return c, c.connect(ctx)
}

func (c *crowd) host() *member        { return c.members[0] }
func (c *crowd) speaker() *member     { return c.members[1] }
func (c *crowd) listeners() []*member { return c.members[2:] }

// connect brings everybody (back) in, all at the same time.
func (c *crowd) connect(ctx context.Context) error {
	return c.each(c.members, func(m *member) error { return m.dial(ctx, "ws://"+c.house.listen+"/live") })
}

// each does something for many at once and answers the first failure.
func (c *crowd) each(members []*member, do func(*member) error) error {
	failures := make(chan error, len(members)) // one each
	var all sync.WaitGroup
	for _, m := range members {
		all.Go(func() { failures <- do(m) })
	}
	all.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

// dial comes back as a browser does: again and again, with the last resume.
func (m *member) dial(ctx context.Context, url string) error {
	resume := ""
	if m.conn != nil {
		m.look()
		resume = m.conn.Welcome.Resume
		m.conn.Drop()
	}
	for {
		conn, err := client.Dial(ctx, url, m.token, client.Options{Resume: resume, Loopback: true})
		if err == nil {
			m.conn, m.id, m.counted = conn, conn.Welcome.Self, 0
			for _, message := range conn.Welcome.Room.Chat {
				m.seen[message.Text] = max(m.seen[message.Text], 1)
			}
			return nil
		}
		pause := time.NewTimer(client.Spread(250 * time.Millisecond))
		select {
		case <-pause.C:
		case <-ctx.Done():
			return fmt.Errorf("chaos: come back: %w, last %w", ctx.Err(), err)
		}
	}
}

// look counts the chat messages that came since the last look.
func (m *member) look() {
	events := m.conn.Events()
	for _, e := range events[m.counted:] {
		if e.Kind == "said" && e.Message != nil {
			m.seen[e.Message.Text]++
		}
	}
	m.counted = len(events)
}

// publish makes a member send the demo's voice or picture.
func (m *member) publish(ctx context.Context, source string) error {
	media := client.Speaker()
	clip := media.Audio
	if source != "mic" {
		clip = media.Video
	}
	return m.conn.Publish(ctx, source, clip)
}

// hear waits until every listener gets packets of a member's microphone.
func (c *crowd) hear(ctx context.Context, of *member) error {
	return c.each(c.listeners(), func(m *member) error { return m.conn.Wait(ctx, flow(of), 3) })
}

func flow(of *member) client.Flow { return client.Flow{Participant: of.id, Source: "mic"} }

// gap is the longest silence of a member's microphone that any listener had.
func (c *crowd) gap(of *member) (longest time.Duration) {
	for _, m := range c.listeners() {
		heard := m.conn.Count(flow(of))
		longest = max(longest, heard.Gap, time.Since(heard.Last))
	}
	return longest
}

func (c *crowd) forgetGaps(ctx context.Context, of *member) error {
	for _, m := range c.listeners() {
		m.conn.ForgetGaps()
	}
	return c.hear(ctx, of)
}

// chat has everybody write until count more messages are acknowledged.
func (c *crowd) chat(ctx context.Context, count int) error {
	before := len(c.sent)
	for i := range count {
		m := c.members[i%len(c.members)]
		text := fmt.Sprintf("message %d", before+i)
		if err := m.conn.Do(ctx, "chat.send", wire.Args{Text: text}); err != nil {
			return fmt.Errorf("chaos: chat: %w", err)
		}
		c.sent = append(c.sent, text)
	}
	return nil
}

// audit waits until everybody has seen the newest message, then counts.
func (c *crowd) audit(ctx context.Context) (lost, doubled int, err error) {
	newest := c.sent[len(c.sent)-1]
	for _, m := range c.members {
		if err := until(ctx, "the newest message is everywhere", func() bool { m.look(); return m.seen[newest] > 0 }); err != nil {
			return 0, 0, err
		}
		for _, text := range c.sent {
			switch n := m.seen[text]; {
			case n == 0:
				lost++
			case n > 1:
				doubled++
			}
		}
	}
	return lost, doubled, nil
}
