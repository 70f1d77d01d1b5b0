package rooms_test

import (
	"errors"
	"testing"
	"time"

	"lyceum/rooms"
)

var t0 = time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)

// stage is a room for tests: it applies commands and evolves by their events.
type stage struct {
	t  testing.TB
	s  *rooms.State
	at time.Time
}

// newStage has a host, a co-host, a speaker, a captioner and two attendees, each
// named like their role, and "twin", a second registration of attendee's person.
func newStage(t testing.TB) *stage {
	st := &stage{t: t, s: rooms.New(), at: t0}
	for _, p := range []rooms.Participant{
		{ID: "host", Role: rooms.RoleHost}, {ID: "co-host", Role: rooms.RoleCoHost},
		{ID: "speaker", Role: rooms.RoleSpeaker}, {ID: "captioner", Role: rooms.RoleCaptioner},
		{ID: "attendee", Role: rooms.RoleAttendee}, {ID: "second", Role: rooms.RoleAttendee},
		{ID: "twin", Role: rooms.RoleAttendee, Person: "person of attendee"},
	} {
		if p.Person == "" {
			p.Person = "person of " + p.ID
		}
		p.Name = "Name of " + p.ID
		st.mustDo(p.ID, rooms.Command{Name: "join", Joining: &p})
	}
	return st
}

func (st *stage) do(actor string, c rooms.Command) error {
	st.at = st.at.Add(time.Second)
	events, err := rooms.Apply(st.s, actor, c, st.at)
	for _, e := range events {
		st.s.Evolve(e)
	}
	return err
}

func (st *stage) mustDo(actor string, c rooms.Command) {
	st.t.Helper()
	if err := st.do(actor, c); err != nil {
		st.t.Fatalf("%s: %+v: %v", actor, c, err)
	}
}

// step is a line of a scene: who does what, and the code it is refused with. Each
// takes a second; of the actor "time" the code is how long nothing happens.
type step struct {
	actor string
	c     rooms.Command
	code  string
}

// pass is the step in which nothing happens for a while.
func pass(d time.Duration) step { return step{actor: "time", code: d.String()} }

func cmd(name string) rooms.Command { return rooms.Command{Name: name} }

func about(name, participant string) rooms.Command {
	return rooms.Command{Name: name, Participant: participant}
}

func source(name, participant string, src rooms.Source) rooms.Command {
	return rooms.Command{Name: name, Participant: participant, Source: src}
}

func again(id string, role rooms.Role) rooms.Command {
	return rooms.Command{Name: "join", Joining: &rooms.Participant{ID: id, Name: id, Role: role, Person: "person of " + id}}
}

func TestScenes(t *testing.T) {
	mic := rooms.SourceMic
	scenes := []scene{
		{"hosts, co-hosts and speakers enter on the stage, others on the floor", nil, func(s *rooms.State) bool {
			return place(s, "host") == "stage" && place(s, "co-host") == "stage" && place(s, "speaker") == "stage" &&
				place(s, "captioner") == "floor" && place(s, "attendee") == "floor"
		}},
		{"a patron raises a hand, is invited, agrees and speaks", []step{
			{"attendee", cmd("hand.raise"), ""},
			{"attendee", source("publish", "", mic), "not-on-stage"},
			{"attendee", cmd("stage.accept"), "not-invited"},
			{"host", about("stage.invite", "attendee"), ""},
			{"attendee", cmd("stage.accept"), ""},
			{"attendee", source("publish", "", mic), ""},
		}, func(s *rooms.State) bool {
			return s.Forwards("attendee", mic) && len(s.Hands) == 0 && !s.Participants["attendee"].Invited
		}},
		{"an invitation declined or withdrawn is over", []step{
			{"host", about("stage.invite", "attendee"), ""},
			{"host", about("stage.invite", "attendee"), "already"},
			{"attendee", cmd("stage.decline"), ""},
			{"attendee", cmd("stage.accept"), "not-invited"},
			{"host", about("stage.invite", "attendee"), ""},
			{"co-host", about("stage.withdraw", "attendee"), ""},
			{"attendee", cmd("stage.accept"), "not-invited"},
		}, func(s *rooms.State) bool { return place(s, "attendee") == "floor" }},
		{"an attendee on the stage may not share a screen", []step{
			{"host", about("stage.invite", "attendee"), ""},
			{"attendee", cmd("stage.accept"), ""},
			{"attendee", source("publish", "", "screen"), "forbidden"},
			{"attendee", source("publish", "", "camera"), ""},
			{"speaker", source("publish", "", "screen"), ""},
		}, func(s *rooms.State) bool { return s.Forwards("attendee", "camera") && s.Forwards("speaker", "screen") }},
		{"a host's mute holds against everything the muted one can do", []step{
			{"speaker", source("publish", "", mic), ""},
			{"host", source("mute", "speaker", mic), ""},
			{"speaker", source("resume", "", mic), "muted"},
			{"speaker", source("unpublish", "", mic), ""},
			{"speaker", source("publish", "", mic), "muted"},
			{"speaker", source("allow", "speaker", mic), "forbidden"},
			{"speaker", cmd("leave"), ""},
			{"speaker", again("speaker", rooms.RoleSpeaker), ""},
			{"speaker", source("publish", "", mic), "muted"},
		}, func(s *rooms.State) bool { return !s.Forwards("speaker", mic) }},
		{"a host's allow gives back the right, not the sound", []step{
			{"speaker", source("publish", "", mic), ""},
			{"host", source("mute", "speaker", mic), ""},
			{"host", source("allow", "speaker", mic), ""},
		}, func(s *rooms.State) bool {
			return !s.Forwards("speaker", mic) && s.Participants["speaker"].Sources[mic].Paused
		}},
		{"the owner's resume ends a mute that a host has lifted", []step{
			{"speaker", source("publish", "", mic), ""},
			{"host", source("mute", "speaker", mic), ""},
			{"host", source("allow", "speaker", mic), ""},
			{"speaker", source("resume", "", mic), ""},
		}, func(s *rooms.State) bool { return s.Forwards("speaker", mic) && len(s.Standing) == 0 }},
		{"a co-host whom a host muted cannot lift that alone", []step{
			{"host", source("mute", "co-host", mic), ""},
			{"co-host", source("allow", "co-host", mic), "forbidden"},
		}, nil},
		{"sent back to the floor, a speaker stays there, also by coming in again", []step{
			{"speaker", source("publish", "", mic), ""},
			{"host", about("stage.return", "speaker"), ""},
			{"speaker", cmd("stage.accept"), "not-invited"},
			{"speaker", cmd("leave"), ""},
			{"speaker", again("speaker", rooms.RoleSpeaker), ""},
			{"speaker", cmd("stage.accept"), "not-invited"},
			{"speaker", source("publish", "", mic), "not-on-stage"},
		}, func(s *rooms.State) bool { return place(s, "speaker") == "floor" }},
		{"who left the stage by themselves may step up again if their role belongs there", []step{
			{"speaker", cmd("stage.leave"), ""},
			{"speaker", cmd("stage.accept"), ""},
		}, func(s *rooms.State) bool { return place(s, "speaker") == "stage" }},
		{"leaving the stage ends what was published", []step{
			{"speaker", source("publish", "", mic), ""},
			{"speaker", cmd("stage.leave"), ""},
		}, func(s *rooms.State) bool { return !s.Participants["speaker"].Sources[mic].Published }},
		{"removal is of the person: every ticket of theirs goes and none comes back", []step{
			{"host", about("remove", "attendee"), ""},
			{"attendee", again("attendee", rooms.RoleAttendee), "banned"},
			{"third", rooms.Command{Name: "join", Joining: &rooms.Participant{
				ID: "third", Name: "Another Name", Role: rooms.RoleSpeaker, Person: "person of attendee",
			}}, "banned"},
		}, func(s *rooms.State) bool { return s.Participants["attendee"] == nil && s.Participants["twin"] == nil }},
		{"a co-host cannot remove or send back a host; a host can do both to a co-host", []step{
			{"co-host", about("remove", "host"), "forbidden"},
			{"co-host", about("stage.return", "host"), "forbidden"},
			{"host", about("remove", "host"), "forbidden"},
			{"host", about("stage.return", "co-host"), ""},
			{"host", about("remove", "co-host"), ""},
		}, func(s *rooms.State) bool { return s.Participants["co-host"] == nil }},
		{"attendees, speakers and captioners moderate nobody", []step{
			{"speaker", source("mute", "attendee", mic), "forbidden"},
			{"attendee", about("remove", "second"), "forbidden"},
			{"captioner", about("stage.invite", "attendee"), "forbidden"},
			{"attendee", about("hand.lower", "second"), "forbidden"},
			{"attendee", about("stage.leave", "speaker"), "forbidden"},
			{"attendee", source("publish", "speaker", mic), "forbidden"},
		}, nil},
		{"a host lowers a hand; hands keep their order", []step{
			{"second", cmd("hand.raise"), ""},
			{"attendee", cmd("hand.raise"), ""},
			{"captioner", cmd("hand.raise"), ""},
			{"attendee", cmd("hand.raise"), "already"},
			{"host", about("hand.lower", "attendee"), ""},
			{"host", about("hand.lower", "attendee"), "already"},
		}, func(s *rooms.State) bool {
			return len(s.Hands) == 2 && s.Hands[0] == "second" && s.Hands[1] == "captioner"
		}},
		{"away keeps role, place and hand; coming back changes nothing else", []step{
			{"attendee", cmd("hand.raise"), ""},
			{"attendee", cmd("lose"), ""},
			{"attendee", cmd("lose"), "already"},
			{"attendee", cmd("return"), ""},
			{"attendee", cmd("return"), "already"},
		}, func(s *rooms.State) bool {
			return len(s.Hands) == 1 && !s.Participants["attendee"].Away && s.Participants["attendee"].AwaySince.IsZero()
		}},
		{"nobody acts from outside", []step{
			{"stranger", cmd("hand.raise"), "not-found"},
			{"stranger", again("attendee", rooms.RoleHost), "invalid"},
			{"host", about("mute", "stranger"), "not-found"},
			{"host", source("mute", "speaker", "nose"), "invalid"},
			{"host", cmd("no-such-command"), "forbidden"},
			{"attendee", again("attendee", rooms.RoleHost), "already"},
		}, nil},
		{"pausing is one's own and silent twice", []step{
			{"speaker", source("pause", "", mic), "not-found"},
			{"speaker", source("publish", "", mic), ""},
			{"speaker", source("publish", "", mic), ""},
			{"speaker", source("pause", "", mic), ""},
			{"speaker", source("pause", "", mic), ""},
		}, func(s *rooms.State) bool { return !s.Forwards("speaker", mic) }},
	}
	play(t, scenes)
}

// scene is steps from a room with everybody in it, and what is so in the end.
type scene struct {
	name  string
	steps []step
	check func(s *rooms.State) bool
}

func play(t *testing.T, scenes []scene) {
	for _, scene := range scenes {
		t.Run(scene.name, func(t *testing.T) {
			st := newStage(t)
			for i, step := range scene.steps {
				if step.actor == "time" {
					d, err := time.ParseDuration(step.code)
					if err != nil {
						t.Fatal(err)
					}
					st.at = st.at.Add(d)
					continue
				}
				if got := codeOf(st.do(step.actor, step.c)); got != step.code {
					t.Fatalf("step %d, %s %+v: code %q, want %q", i+1, step.actor, step.c, got, step.code)
				}
			}
			if scene.check != nil && !scene.check(st.s) {
				t.Errorf("not so in the end: %+v", st.s)
			}
		})
	}
}

func place(s *rooms.State, id string) string { return string(s.Participants[id].Place) }

func codeOf(err error) string {
	var refusal *rooms.Error
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
