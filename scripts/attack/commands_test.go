package attack_test

import (
	"crypto/rand"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"lyceum/rooms"
	"lyceum/signaling/wire"
)

// Every row of the policy table is tried by every role with raw frames, on
// somebody else and on oneself, in one's own room and on the people and messages
// of another, and by somebody who is in no room. What the table refuses must be
// "forbidden" whatever the arguments, what it allows must not be; and nothing
// that is done in one room may be seen in another.

// rowFor says how rows that are not commands of their own are tried: which
// command, and what is special about its arguments.
var rowFor = map[string]struct {
	command string
	args    map[string]any
}{
	"chat.delete of others":  {"chat.delete", nil},
	"hand.lower of others":   {"hand.lower", nil},
	"publish screen":         {"publish", map[string]any{"source": "screen"}},
	"stage.accept uninvited": {"stage.accept", nil},
	"act on a host":          {"remove", map[string]any{"participant": "host"}},
	"ban from the site":      {"ban", map[string]any{"scope": "site"}},
	"allow oneself":          {"allow", map[string]any{"participant": "actor"}},
}

// modeOf is a good "mode" of the commands that need one.
var modeOf = map[string]string{"chat.hold": "nobody", "rights": "nobody"}

// arguments are more than any command needs, so that its right is what is asked.
func arguments(command, participant, message string) map[string]any {
	mode := "open"
	if m, ok := modeOf[command]; ok {
		mode = m
	}
	return map[string]any{"participant": participant, "source": "mic", "text": "hello", "message": message,
		"mode": mode, "part": "chat", "scope": "event", "seconds": 5}
}

// elsewhere is the room that nobody may reach from another.
type elsewhere struct {
	host            *frames
	target, message string
	before          int
}

func newElsewhere(t *testing.T) *elsewhere {
	room := "matrix-" + rand.Text()
	host := enter(t, room, "other-host", rooms.RoleHost)
	enter(t, room, "other-target", rooms.RoleAttendee)
	e := &elsewhere{host: host, target: "other-target"}
	// Message ids count a room's events; this one's must be beyond those of any room it is tried in.
	for i := range 30 {
		e.message = host.say(fmt.Sprint("line ", i))
	}
	e.before = len(host.events)
	return e
}

// unmoved holds that nothing has happened in the room but what its host now says.
func (e *elsewhere) unmoved(t *testing.T) {
	t.Helper()
	e.host.say("the last line")
	if n := len(e.host.events) - e.before; n != 1 {
		t.Errorf("another room saw %d events, want only its own: %+v", n, e.host.events[e.before:])
	}
}

// cell is what came of one role with one row: two tries in the own room, two in another.
type cell struct{ own, oneself, other, otherOneself string }

func (c cell) String() string {
	return c.own + "," + c.oneself + " | " + c.other + "," + c.otherOneself
}

func TestCommandsByRoleAndRoom(t *testing.T) {
	there := newElsewhere(t)
	roles := rooms.Roles()
	rows := rooms.Commands()
	cells := make([][]cell, len(rows))
	var all sync.WaitGroup
	turns := make(chan struct{}, 8) // rooms that are tried at the same time; waiting is fine
	for i, row := range rows {
		cells[i] = make([]cell, len(roles))
		for j, role := range roles {
			turns <- struct{}{}
			all.Go(func() {
				defer func() { <-turns }()
				t.Run(fmt.Sprintf("%s as %s", row, role), func(t *testing.T) { cells[i][j] = try(t, row, role, there) })
			})
		}
	}
	all.Wait()
	var out strings.Builder
	out.WriteString("role: own room (on another, on oneself) | naming another room's (person, message)\n")
	for i, row := range rows {
		fmt.Fprintln(&out, row)
		for j, role := range roles {
			fmt.Fprintf(&out, "  %-10s %s\n", role, cells[i][j])
		}
	}
	golden(t, "commands.txt", out.String())
	there.unmoved(t)
}

// try has the role try the row in a fresh room.
func try(t *testing.T, row string, role rooms.Role, there *elsewhere) cell {
	special, isSpecial := rowFor[row]
	command := row
	if isSpecial {
		command = special.command
	} else if strings.Contains(row, " ") {
		return cell{"by its command", "-", "-", "-"}
	}
	room := "matrix-" + rand.Text()
	actor, targetsLine, ownLine := furnish(t, room, role)
	with := func(participant, message string) map[string]any {
		a := arguments(command, participant, message)
		maps.Copy(a, special.args)
		return a
	}
	c := cell{
		other:        actor.command(command, with(there.target, there.message)),
		otherOneself: actor.command(command, with("actor", there.message)),
		own:          actor.command(command, with("target", targetsLine)),
		oneself:      actor.command(command, with("actor", ownLine)),
	}
	if rooms.FromWire(command) && !isSpecial {
		forbidden := c.own == rooms.CodeForbidden && c.oneself == rooms.CodeForbidden
		if allowed := rooms.Allowed(role, row); allowed == forbidden {
			t.Errorf("the table says %v, the site answers %s", allowed, c)
		}
		if !rooms.Allowed(role, row) && (c.other != rooms.CodeForbidden || c.otherOneself != rooms.CodeForbidden) {
			t.Errorf("not allowed, and the answers about another room are %s: they tell something", c)
		}
	}
	if !rooms.FromWire(command) && (c.own != wire.CodeUnknown || c.oneself != wire.CodeUnknown) {
		t.Errorf("a client may name it: %s", c)
	}
	return c
}

// furnish makes a room with a host and a target, and lets the actor in.
func furnish(t *testing.T, room string, role rooms.Role) (actor *frames, targetsLine, ownLine string) {
	host := enter(t, room, "host", rooms.RoleHost)
	target := enter(t, room, "target", rooms.RoleAttendee)
	host.letIn(target, "target")
	targetsLine = target.say("a line of the target")
	actor = enter(t, room, "actor", role)
	host.letIn(actor, "actor")
	return actor, targetsLine, actor.say("a line of one's own")
}

// letIn admits somebody whom the room's defaults keep in a lobby.
func (f *frames) letIn(who *frames, id string) {
	f.t.Helper()
	if who.place != string(rooms.PlaceLobby) {
		return
	}
	if code := f.command("lobby.admit", map[string]any{"participant": id}); code != "done" {
		f.t.Fatalf("let %s in: %s", id, code)
	}
	who.waitFor(func(e wire.RoomEvent) bool { return e.Participant == id && e.Place != string(rooms.PlaceLobby) })
}

func TestNobodyCommandsWithoutARoom(t *testing.T) {
	for _, row := range append(rooms.Commands(), "no.such.command") {
		f := dial(t)
		f.send(`{"type":"command","id":"1","name":"` + row + `","args":{}}`)
		first, second := f.read(), f.read()
		if first.Type != "bye" || first.Code != "token" || second.number != 4401 {
			t.Errorf("%s before the hello: %+v, then %+v; want the bye of a bad token", row, first, second)
		}
	}
}
