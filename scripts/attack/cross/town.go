package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"lyceum/rooms"
	"lyceum/scripts/attack/house"
	"lyceum/signaling/client"
	"lyceum/signaling/wire"
)

// town is all the rooms.
type town struct {
	house *house.House
	seed  uint64
	rooms []*room

	mu        sync.Mutex
	crossings []string
	events    int
}

// room is one room and its people. The host speaks with packets of a size that no other room has.
type room struct {
	town              *town
	number            int
	host, ear, enemy  *person
	friendly, hostile int
}

// person is one participant over all their connections.
type person struct {
	id, token string
	role      rooms.Role
	conn      *client.Conn
	seen      uint64 // version of the newest event that was looked at
}

func (r *room) name() string { return fmt.Sprintf("cross-%d", r.number) }
func (r *room) tag() string  { return fmt.Sprintf("r%d-", r.number) }
func (r *room) size() int    { return 40 + r.number }
func (r *room) random(who uint64) *rand.Rand {
	return rand.New(rand.NewPCG(r.town.seed, uint64(r.number)*2+who))
} //nolint:gosec // repeatable choices

// hears is the flow of the room's host.
func (p *person) hears(r *room) client.Flow {
	return client.Flow{Participant: r.tag() + "host", Source: "mic"}
}

func (t *town) open(ctx context.Context, count int) error {
	for i := range count {
		t.rooms = append(t.rooms, &room{town: t, number: i})
	}
	failures := make(chan error, count) // one a room
	for _, r := range t.rooms {
		go func() { failures <- r.open(ctx) }()
	}
	for range t.rooms {
		if err := <-failures; err != nil {
			return err
		}
	}
	return nil
}

func (r *room) open(ctx context.Context) error {
	member := func(name string, role rooms.Role) *person {
		id := r.tag() + name
		return &person{id: id, role: role, token: r.town.house.Token(r.name(), id, role)}
	}
	r.host, r.ear, r.enemy = member("host", rooms.RoleHost), member("ear", rooms.RoleAttendee), member("enemy", rooms.RoleAttendee)
	for _, p := range []*person{r.host, r.ear, r.enemy} {
		if err := r.connect(ctx, p, client.Options{}); err != nil {
			return err
		}
	}
	clip := *client.Speaker().Audio
	clip.Frames = [][]byte{make([]byte, r.size())}
	if err := r.host.conn.Publish(ctx, "mic", &clip); err != nil {
		return fmt.Errorf("cross: publish in %s: %w", r.name(), err)
	}
	return r.ear.conn.Wait(ctx, r.ear.hears(r), 5)
}

// connect brings somebody in and looks at the welcome.
func (r *room) connect(ctx context.Context, p *person, o client.Options) error {
	if p.conn != nil {
		r.look(p)
		p.conn.Drop()
	}
	o.Loopback = true
	conn, err := client.Dial(ctx, r.town.house.Live, p.token, o)
	if err != nil {
		return fmt.Errorf("cross: %s: %w", p.id, err)
	}
	p.conn, p.seen = conn, conn.Welcome.Room.Version
	welcome := conn.Welcome
	if welcome.Self != p.id || welcome.Room.ID != r.name() {
		r.town.crossed("%s was welcomed as %s in %s", p.id, welcome.Self, welcome.Room.ID)
	}
	for _, other := range welcome.Room.Participants {
		r.belongs(p, "roster", other.ID)
	}
	for _, m := range welcome.Room.Chat {
		r.belongs(p, "chat", m.From, m.Text)
	}
	return nil
}

// belongs holds that every text carries the room's tag.
func (r *room) belongs(p *person, what string, texts ...string) {
	for _, text := range texts {
		if text != "" && !strings.HasPrefix(text, r.tag()) {
			r.town.crossed("%s saw %s %q", p.id, what, text)
		}
	}
}

// look checks what has come to a person since the last look.
func (r *room) look(p *person) {
	for _, e := range p.conn.Events() {
		if e.Version <= p.seen {
			continue
		}
		p.seen = e.Version
		r.town.checked()
		r.belongs(p, "event "+e.Kind, e.Actor, e.Participant)
		if e.Joined != nil {
			r.belongs(p, "newcomer", e.Joined.ID)
		}
		if e.Message != nil {
			r.belongs(p, "message", e.Message.From, e.Message.Text)
		}
	}
	for flow, count := range p.conn.All() {
		r.belongs(p, "media", flow.Participant)
		if want := count.Packets * uint64(r.size()); count.Bytes != want {
			r.town.crossed("%s got %d bytes in %d packets of %s, want %d", p.id, count.Bytes, count.Packets, flow.Participant, want)
		}
	}
}

// live is what honest people do: the host and the listener, at a human pace.
func (r *room) live(ctx context.Context, over <-chan struct{}) error {
	random := r.random(0)
	tick := time.NewTicker(150 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-over:
			r.look(r.host)
			r.look(r.ear)
			return nil
		case <-tick.C:
		}
		r.friendly++
		var err error
		switch random.IntN(6) {
		case 0:
			err = r.do(ctx, r.host, "chat.send", wire.Args{Text: r.tag() + "host says"})
		case 1:
			err = r.do(ctx, r.ear, "chat.send", wire.Args{Text: r.tag() + "ear says"})
		case 2:
			err = r.do(ctx, r.ear, "hand.raise", wire.Args{})
		case 3:
			err = r.do(ctx, r.host, "hand.lower", wire.Args{Participant: r.ear.id})
		case 4:
			err = r.do(ctx, r.host, "stage.invite", wire.Args{Participant: r.ear.id})
		case 5:
			err = r.do(ctx, r.ear, "stage.decline", wire.Args{})
		}
		if err != nil {
			return err
		}
		r.look(r.host)
		r.look(r.ear)
	}
}

func (t *town) crossed(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.crossings) < 100 {
		t.crossings = append(t.crossings, fmt.Sprintf(format, args...))
	}
}

func (t *town) checked() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events++
}

func (t *town) report() Report {
	report := Report{Date: time.Now().UTC().Format(time.RFC3339), Rooms: len(t.rooms), Events: t.events, Crossings: append([]string{}, t.crossings...)}
	for _, r := range t.rooms {
		report.Friendly += r.friendly
		report.Hostile += r.hostile
		for _, p := range []*person{r.ear, r.enemy} {
			for _, count := range p.conn.All() {
				report.Packets += count.Packets
			}
		}
	}
	return report
}

func (t *town) leave() {
	for _, r := range t.rooms {
		for _, p := range []*person{r.host, r.ear, r.enemy} {
			if p != nil && p.conn != nil {
				p.conn.Drop()
			}
		}
	}
}
