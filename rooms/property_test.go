package rooms_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lyceum/rooms"
)

// cast is who may try to come in. Ids 0 and 4 are one person.
func cast(i int) *rooms.Participant {
	roles := []rooms.Role{
		rooms.RoleAttendee, rooms.RoleHost, rooms.RoleCoHost, rooms.RoleSpeaker, rooms.RoleAttendee, rooms.RoleCaptioner,
	}
	p := &rooms.Participant{ID: fmt.Sprint("p", i), Name: fmt.Sprint("Name ", i), Role: roles[i], Person: fmt.Sprint("person ", i%4)}
	if i == 5 {
		p.Person = "" // a token without a person
	}
	return p
}

// model is what the rules promise, told in a few lines and without the state.
type model struct {
	hands   []string
	spoke   map[string]bool // participants, as the room said after the last command
	banned  map[string]bool // persons' keys
	muted   map[string]bool // "participant source"
	granted map[string]bool // "participant source"
	right   map[rooms.Source]bool
	lobby   map[string]bool // participants who wait
	frozen  rooms.Frozen
}

func newModel() *model {
	return &model{spoke: map[string]bool{}, banned: map[string]bool{}, muted: map[string]bool{}, granted: map[string]bool{},
		right: map[rooms.Source]bool{}, lobby: map[string]bool{}}
}

func (m *model) follow(t *rapid.T, events []rooms.Event, people map[string]*rooms.Participant) {
	for _, e := range events {
		at := e.Participant + " " + string(e.Source)
		switch e.Kind {
		case rooms.KindJoined:
			m.lobby[e.Participant] = e.Joined.Place == rooms.PlaceLobby
		case rooms.KindAdmitted:
			m.lobby[e.Participant] = false
		case rooms.KindHandRaised:
			m.raise(e.Participant)
		case rooms.KindMoved:
			m.moved(e)
		case rooms.KindHandLowered, rooms.KindLeft, rooms.KindRemoved:
			m.lower(e.Participant)
		case rooms.KindMuted:
			m.muted[at] = true
		case rooms.KindAllowed:
			delete(m.muted, at)
		case rooms.KindGranted, rooms.KindRevoked:
			m.granted[at] = e.Kind == rooms.KindGranted
		case rooms.KindPublished, rooms.KindResumed:
			if m.muted[at] || m.lobby[e.Participant] {
				t.Fatalf("%s by somebody muted or in the lobby", e.Kind)
			}
		case rooms.KindSaid, rooms.KindHeld:
			if m.frozen.Chat || e.Kind == rooms.KindHeld && m.lobby[e.Participant] {
				t.Fatalf("%s while the chat is frozen or from the lobby", e.Kind)
			}
		}
		if e.Kind == rooms.KindLeft || e.Kind == rooms.KindRemoved {
			m.lobby[e.Participant] = false
			m.revokeAll(e.Participant)
		}
		if e.Kind == rooms.KindRemoved {
			m.banned[people[e.Participant].Key()] = true
		}
		if e.Settings != nil {
			m.frozen = e.Settings.Frozen
			for _, src := range rooms.Sources() {
				m.right[src] = e.Settings.Right(src) != rooms.RightNobody
			}
		}
	}
}

func (m *model) raise(id string) {
	at := len(m.hands)
	if !m.spoke[id] {
		if i := slices.IndexFunc(m.hands, func(other string) bool { return m.spoke[other] }); i >= 0 {
			at = i
		}
	}
	m.hands = slices.Insert(m.hands, at, id)
}

func (m *model) lower(id string) {
	m.hands = slices.DeleteFunc(m.hands, func(other string) bool { return id == other })
}

func (m *model) moved(e rooms.Event) {
	if e.Place == rooms.PlaceLobby {
		m.lobby[e.Participant] = true
		m.lower(e.Participant)
		m.revokeAll(e.Participant)
	}
}

func (m *model) revokeAll(id string) {
	for _, src := range rooms.Sources() {
		delete(m.granted, id+" "+string(src))
	}
}

func (m *model) check(t *rapid.T, s *rooms.State) {
	// The room itself knows who has had a turn; that hands follow it is checked.
	if !slices.Equal(m.hands, s.Hands) {
		t.Fatalf("hands are %v, want %v", s.Hands, m.hands)
	}
	messages := map[string]bool{}
	for _, msg := range append(slices.Clone(s.Chat), s.Held...) {
		messages[msg.ID] = true
	}
	if len(messages) != len(s.Chat)+len(s.Held) || len(s.Chat) > 200 {
		t.Fatalf("%d messages, %d held, %d ids", len(s.Chat), len(s.Held), len(messages))
	}
	hosts := 0
	for id, p := range s.Participants {
		if p.Role == rooms.RoleHost && !p.Away {
			hosts++
		}
		if m.banned[p.Key()] || m.lobby[id] != (p.Place == rooms.PlaceLobby) {
			t.Fatalf("%s is banned and present, or on the wrong side of the door: %+v", id, p)
		}
		if p.HandAt.IsZero() == slices.Contains(s.Hands, id) {
			t.Fatalf("%s: hand at %v, hands %v", id, p.HandAt, s.Hands)
		}
		m.checkMedia(t, s, p)
		m.spoke[id] = p.Spoke
	}
	if p := s.Participants[s.InCharge]; s.InCharge != "" && (hosts > 0 || p == nil || p.Away || p.Role != rooms.RoleCoHost) {
		t.Fatalf("%q is in charge of a room with %d hosts", s.InCharge, hosts)
	}
	if hosts > 0 != s.HostGone.IsZero() && s.Version > 0 {
		t.Fatalf("%d hosts, gone since %v", hosts, s.HostGone)
	}
}

// checkMedia: nothing is forwarded without leave.
func (m *model) checkMedia(t *rapid.T, s *rooms.State, p *rooms.Participant) {
	for _, src := range rooms.Sources() {
		if !s.Forwards(p.ID, src) {
			continue
		}
		at := p.ID + " " + string(src)
		leave := m.granted[at] || m.right[src]
		if m.muted[at] || p.Place == rooms.PlaceStage && m.frozen.Stage || p.Place == rooms.PlaceFloor && (m.frozen.Floor || !leave) ||
			p.Place == rooms.PlaceLobby {
			t.Fatalf("%s forwards %s: %+v", p.ID, src, p)
		}
		if src == rooms.SourceScreen && !leave && (p.Role == rooms.RoleAttendee || p.Role == rooms.RoleCaptioner) {
			t.Fatalf("%s, %s, shares a screen", p.ID, p.Role)
		}
	}
}

// checkViews: nobody but hosts learns who waits, and nobody's view loses a version.
func checkViews(t *rapid.T, before, after *rooms.State, events []rooms.Event) {
	waits := map[string]bool{}
	for id, p := range before.Participants {
		waits[id] = p.Place == rooms.PlaceLobby
	}
	for _, e := range events {
		seen := e.For("somebody", false)
		if seen.Version != e.Version || seen.Person != "" || seen.Present != nil || seen.By != "" {
			t.Fatalf("%+v is seen as %+v", e, seen)
		}
		if waits[e.Participant] && seen.Kind != rooms.KindVoid && seen.Kind != rooms.KindJoined {
			t.Fatalf("%s of somebody in the lobby is seen as %s", e.Kind, seen.Kind)
		}
		if e.Kind == rooms.KindAdmitted {
			waits[e.Participant] = false
		}
	}
	for id, p := range after.Participants {
		for _, other := range after.Roster(id) {
			if other.ID != id && !p.Hosting() && (other.Place == rooms.PlaceLobby || p.Place == rooms.PlaceLobby) {
				t.Fatalf("%s in %s sees %s in %s", id, p.Place, other.ID, other.Place)
			}
		}
	}
}

func drawCommand(t *rapid.T) (string, rooms.Command) {
	actor := cast(rapid.IntRange(0, 5).Draw(t, "actor"))
	c := rooms.Command{
		Name:        rapid.SampledFrom(commands).Draw(t, "command"),
		Participant: rapid.SampledFrom([]string{"", "p0", "p1", "p2", "p3", "p4", "p5", "nobody"}).Draw(t, "participant"),
		Source:      rapid.SampledFrom([]rooms.Source{"mic", "camera", "screen", "mic", "nose"}).Draw(t, "source"),
		Text:        rapid.SampledFrom([]string{"hello", "", "\u202e"}).Draw(t, "text"),
		Message:     rapid.SampledFrom([]string{"m4", "m9", "m20"}).Draw(t, "message"),
		Mode: rapid.SampledFrom([]string{"open", "admit", "known", "closed", "nobody", "everyone", "slow", "hosts", "off",
			"newcomers", ""}).Draw(t, "mode"),
		Part:    rapid.SampledFrom([]rooms.Part{"chat", "stage", "floor", ""}).Draw(t, "part"),
		Scope:   rapid.SampledFrom([]string{"event", "site", ""}).Draw(t, "scope"),
		Seconds: rapid.IntRange(0, 20).Draw(t, "seconds"),
	}
	// Without a push, most runs would be a long row of refusals at the door.
	if rapid.IntRange(0, 3).Draw(t, "enter") == 0 {
		c.Name = rooms.CommandJoin
	}
	if c.Name == rooms.CommandJoin {
		c.Joining = actor
	}
	return actor.ID, c
}

func TestWhateverIsCommandedTheRulesHold(t *testing.T) {
	people := map[string]*rooms.Participant{}
	for i := range 6 {
		people[cast(i).ID] = cast(i)
	}
	rapid.Check(t, func(t *rapid.T) {
		s, now := rooms.New(), t0
		m := newModel()
		var journal []rooms.Event
		for range rapid.IntRange(1, 120).Draw(t, "length") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "wait")) * time.Second)
			actor, c := drawCommand(t)
			before := s.Clone()
			events, err := rooms.Apply(s, actor, c, now)
			if d := cmp.Diff(before, s); d != "" {
				t.Fatalf("Apply changed the state:\n%s", d)
			}
			if err != nil && len(events) > 0 {
				t.Fatalf("%v and %d events", err, len(events))
			}
			for i, e := range events {
				if e.Version != before.Version+uint64(i)+1 {
					t.Fatalf("event %d has version %d after %d", i, e.Version, before.Version)
				}
				s.Evolve(e)
			}
			m.follow(t, events, people)
			m.check(t, s)
			checkViews(t, before, s, events)
			journal = append(journal, events...)
		}
		if d := cmp.Diff(s, replayed(t, journal)); d != "" {
			t.Fatalf("replay differs (-state +replayed):\n%s", d)
		}
	})
}

// replayed is the state after the journal has been through JSON, as it is kept.
func replayed(t *rapid.T, journal []rooms.Event) *rooms.State {
	s := rooms.New()
	for _, e := range journal {
		data, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var again rooms.Event
		if err := json.Unmarshal(data, &again); err != nil {
			t.Fatal(err)
		}
		s.Evolve(again)
		s.Evolve(again) // a line that is there twice counts once
	}
	return s
}

func FuzzApply(f *testing.F) {
	for _, name := range commands {
		f.Add("host", name, "attendee", "mic", "hello", "m1", "open", "chat", 1)
		f.Add("attendee", name, "", "", "\xff\u202e", "", "nobody", "", -1)
		f.Add("co-host", name, "waits", "screen", "", "m9", "known", "floor", 3601)
	}
	f.Fuzz(func(t *testing.T, actor, name, participant, src, text, message, mode, part string, seconds int) {
		st := newStage(t)
		st.mustDo("attendee", rooms.Command{Name: "chat.send", Text: "hi"})
		st.mustDo("host", rooms.Command{Name: "chat.hold", Mode: "newcomers"})
		st.mustDo("second", rooms.Command{Name: "chat.send", Text: "held"})
		st.mustDo("host", rooms.Command{Name: "lobby.mode", Mode: "admit"})
		st.mustDo("waits", again("waits", rooms.RoleAttendee))
		before := st.s.Clone()
		c := rooms.Command{
			Name: name, Participant: participant, Source: rooms.Source(src), Text: text, Message: message,
			Mode: mode, Part: rooms.Part(part), Scope: mode, Seconds: seconds,
			Joining: &rooms.Participant{ID: participant, Name: text, Role: rooms.Role(src), Person: message},
		}
		events, err := rooms.Apply(st.s, actor, c, st.at)
		if d := cmp.Diff(before, st.s); d != "" {
			t.Fatalf("Apply changed the state:\n%s", d)
		}
		if err != nil && codeOf(err) == err.Error() {
			t.Fatalf("%v is no refusal with a code", err)
		}
		for _, e := range events {
			st.s.Evolve(e)
		}
		if st.s.Version != before.Version+uint64(len(events)) {
			t.Fatalf("version %d after %d and %d events", st.s.Version, before.Version, len(events))
		}
	})
}

func BenchmarkApply(b *testing.B) {
	const n = 500
	s := rooms.New()
	for i := range n {
		p := &rooms.Participant{ID: fmt.Sprint("p", i), Name: "Name", Role: rooms.RoleAttendee, Person: fmt.Sprint("person ", i)}
		if i == 0 {
			p.Role = rooms.RoleHost
		}
		events, err := rooms.Apply(s, p.ID, rooms.Command{Name: "join", Joining: p}, t0)
		if err != nil {
			b.Fatal(err)
		}
		s.Evolve(events[0])
	}
	for i := range 200 {
		hand, _ := rooms.Apply(s, fmt.Sprint("p", i+1), cmd("hand.raise"), t0)
		s.Evolve(hand[0])
		said, _ := rooms.Apply(s, "p0", say("hello"), t0)
		s.Evolve(said[0])
	}
	for _, c := range []rooms.Command{
		say("Hello, everybody, and thank you for coming."),
		source("mute", "p250", rooms.SourceMic), about("remove", "p250"), cmd("panic"),
		{Name: "rights", Source: rooms.SourceMic, Mode: "everyone"}, {Name: "ban", Participant: "p250", Scope: "site"},
		{Name: "chat.mode", Mode: "hosts"}, {Name: "lobby.mode", Mode: "admit"},
		about("hand.lower", "p200"), about("stage.invite", "p200"),
	} {
		b.Run(c.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := rooms.Apply(s, "p0", c, t0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
