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
	hands  []string
	banned map[string]bool // persons' keys
	muted  map[string]bool // "participant source"
}

func (m *model) follow(t *rapid.T, events []rooms.Event, people map[string]*rooms.Participant) {
	for _, e := range events {
		switch e.Kind {
		case rooms.KindHandRaised:
			m.hands = append(m.hands, e.Participant)
		case rooms.KindHandLowered, rooms.KindLeft, rooms.KindRemoved:
			m.hands = slices.DeleteFunc(m.hands, func(id string) bool { return id == e.Participant })
		case rooms.KindMuted:
			m.muted[e.Participant+" "+string(e.Source)] = true
		case rooms.KindAllowed:
			delete(m.muted, e.Participant+" "+string(e.Source))
		case rooms.KindPublished, rooms.KindResumed:
			if m.muted[e.Participant+" "+string(e.Source)] {
				t.Fatalf("%s by a muted participant", e.Kind)
			}
		}
		if e.Kind == rooms.KindRemoved {
			m.banned[people[e.Participant].Key()] = true
		}
	}
}

func (m *model) check(t *rapid.T, s *rooms.State) {
	if !slices.Equal(m.hands, s.Hands) {
		t.Fatalf("hands are %v, want %v", s.Hands, m.hands)
	}
	messages := map[string]bool{}
	for _, msg := range s.Chat {
		messages[msg.ID] = true
	}
	if len(messages) != len(s.Chat) || len(s.Chat) > 200 {
		t.Fatalf("%d messages, %d ids", len(s.Chat), len(messages))
	}
	for id, p := range s.Participants {
		if m.banned[p.Key()] {
			t.Fatalf("%s is banned and present", id)
		}
		if p.HandAt.IsZero() == slices.Contains(s.Hands, id) {
			t.Fatalf("%s: hand at %v, hands %v", id, p.HandAt, s.Hands)
		}
		for _, src := range rooms.Sources() {
			if !s.Forwards(id, src) {
				continue
			}
			if m.muted[id+" "+string(src)] || p.Place != rooms.PlaceStage {
				t.Fatalf("%s forwards %s: %+v", id, src, p)
			}
			if src == rooms.SourceScreen && (p.Role == rooms.RoleAttendee || p.Role == rooms.RoleCaptioner) {
				t.Fatalf("%s, %s, shares a screen", id, p.Role)
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
		m := &model{banned: map[string]bool{}, muted: map[string]bool{}}
		var journal []rooms.Event
		for range rapid.IntRange(1, 120).Draw(t, "length") {
			now = now.Add(time.Second)
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
		f.Add("host", name, "attendee", "mic", "hello", "m1")
		f.Add("attendee", name, "", "", "\xff\u202e", "")
	}
	f.Fuzz(func(t *testing.T, actor, name, participant, src, text, message string) {
		st := newStage(t)
		st.mustDo("attendee", rooms.Command{Name: "chat.send", Text: "hi"})
		before := st.s.Clone()
		c := rooms.Command{
			Name: name, Participant: participant, Source: rooms.Source(src), Text: text, Message: message,
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
		source("mute", "p250", rooms.SourceMic), about("remove", "p250"),
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
