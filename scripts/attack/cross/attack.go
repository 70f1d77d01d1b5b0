package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"lyceum/rooms"
	"lyceum/signaling/client"
	"lyceum/signaling/wire"
)

// do gives a command; that it is refused is no failure, that nobody answers is.
func (r *room) do(ctx context.Context, p *person, name string, args wire.Args) error {
	err := p.conn.Do(ctx, name, args)
	var refused *client.Refused
	if err == nil || errors.As(err, &refused) {
		return nil
	}
	return fmt.Errorf("cross: %s %s: %w", p.id, name, err)
}

// attack is what the hostile patron does, about twelve times a second.
func (r *room) attack(ctx context.Context, over <-chan struct{}) error {
	random := r.random(1)
	tick := time.NewTicker(80 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-over:
			r.look(r.enemy)
			return nil
		case <-tick.C:
		}
		r.hostile++
		victim := r.town.rooms[(r.number+1+random.IntN(max(1, len(r.town.rooms)-1)))%len(r.town.rooms)]
		if err := r.strike(ctx, random, victim); err != nil {
			return err
		}
		r.look(r.enemy)
	}
}

// commands are all that the wire has, whoever may give them.
func commands() []string {
	var names []string
	for _, name := range rooms.Commands() {
		if rooms.FromWire(name) {
			names = append(names, name)
		}
	}
	return names
}

// strike tries one thing against another room.
func (r *room) strike(ctx context.Context, random *rand.Rand, victim *room) error {
	switch random.IntN(12) {
	case 0: // come in with the victim's resume secret
		return r.connect(ctx, r.enemy, client.Options{Resume: victim.host.conn.Welcome.Resume, Move: true})
	case 1: // the victim's room in our token, which we cannot sign
		return r.forged(ctx, victim)
	case 2: // publish into the other room, or listen to it, with our token
		return r.media(ctx, victim, []string{"/whip/", "/whep/"}[random.IntN(2)])
	case 3: // end a session whose address we guess
		path := fmt.Sprintf("/whip/%s/%s", victim.name(), victim.host.conn.Welcome.Resume)
		return r.refusedWith(ctx, "DELETE", path, 404)
	case 4: // answer what was not offered to us
		side := []string{"publish", "subscribe"}[random.IntN(2)]
		return errors.Join(
			r.enemy.conn.Send(wire.Answer{Side: side, Number: random.IntN(5) + 1, SDP: "v=0\r\no=" + victim.host.id}),
			r.enemy.conn.Send(wire.Candidate{Side: side, Candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host", Mid: fmt.Sprint(random.IntN(4))}))
	}
	names := commands()
	args := wire.Args{
		Participant: []string{victim.host.id, victim.ear.id, victim.enemy.id}[random.IntN(3)],
		Source:      []string{"mic", "camera", "screen"}[random.IntN(3)],
		Message:     fmt.Sprint("m", random.IntN(400)), Text: r.tag() + "to " + victim.name(),
	}
	return r.do(ctx, r.enemy, names[random.IntN(len(names))], args)
}

// forged sends a hello whose token speaks of another room under the old signature.
func (r *room) forged(ctx context.Context, victim *room) error {
	parts := strings.Split(r.enemy.token, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return err
	}
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte(strings.ReplaceAll(string(payload), r.name(), victim.name())))
	conn, err := client.Dial(ctx, r.town.house.Live, strings.Join(parts, "."), client.Options{NoMedia: true})
	if err == nil {
		r.town.crossed("%s came into %s with a forged token", r.enemy.id, conn.Welcome.Room.ID)
		conn.Drop()
	}
	return nil
}

// media asks for WHIP or WHEP in another room.
func (r *room) media(ctx context.Context, victim *room, kind string) error {
	return r.refusedWith(ctx, "POST", kind+victim.name(), 401)
}

func (r *room) refusedWith(ctx context.Context, method, path string, want int) error {
	a, err := r.town.house.Do(ctx, method, path, "v=0\r\n", map[string]string{"Authorization": "Bearer " + r.enemy.token, "Content-Type": "application/sdp"})
	if err == nil && a.Status != want {
		r.town.crossed("%s: %s %s is answered by %d, want %d", r.enemy.id, method, path, a.Status, want)
	}
	return err
}
