package rooms_test

import (
	"strings"
	"testing"
	"time"

	"lyceum/rooms"
)

func rights(src rooms.Source, who string) rooms.Command {
	return rooms.Command{Name: "rights", Source: src, Mode: who}
}

func unfreeze(part rooms.Part) rooms.Command { return rooms.Command{Name: "unfreeze", Part: part} }

func TestRightsOfTheFloor(t *testing.T) {
	const mic, camera, screen = rooms.SourceMic, rooms.SourceCamera, rooms.SourceScreen
	play(t, []scene{
		{"nobody on the floor sends anything unless a host lets them", []step{
			{"attendee", source("publish", "", mic), "not-on-stage"},
			{"captioner", source("publish", "", camera), "not-on-stage"},
			{"attendee", source("grant", "attendee", mic), "forbidden"},
			{"attendee", rights(mic, "everyone"), "forbidden"},
		}, nil},
		{"one person may, for one source", []step{
			{"host", source("grant", "attendee", mic), ""},
			{"host", source("grant", "attendee", mic), "already"},
			{"attendee", source("publish", "", mic), ""},
			{"attendee", source("publish", "", camera), "not-on-stage"},
			{"second", source("publish", "", mic), "not-on-stage"},
		}, func(s *rooms.State) bool { return s.Forwards("attendee", mic) && place(s, "attendee") == "floor" }},
		{"what is taken back is silent at once", []step{
			{"host", source("grant", "attendee", mic), ""},
			{"attendee", source("publish", "", mic), ""},
			{"host", source("revoke", "attendee", mic), ""},
			{"attendee", source("resume", "", mic), "not-on-stage"},
		}, func(s *rooms.State) bool {
			return !s.Forwards("attendee", mic) && len(s.Participants["attendee"].Sources) == 0
		}},
		{"a screen may be granted, on the floor and on the stage", []step{
			{"attendee", source("publish", "", screen), "forbidden"},
			{"host", source("grant", "attendee", screen), ""},
			{"attendee", source("publish", "", screen), ""},
			{"host", about("stage.invite", "attendee"), ""},
			{"attendee", cmd("stage.accept"), ""},
			{"host", source("revoke", "attendee", screen), ""},
		}, func(s *rooms.State) bool { return !s.Forwards("attendee", screen) }},
		{"a circle is everybody, until it is not; who has a grant of their own goes on", []step{
			{"host", rights(mic, "everyone"), ""},
			{"attendee", source("publish", "", mic), ""},
			{"second", source("publish", "", mic), ""},
			{"host", source("grant", "second", mic), ""},
			{"host", rights(mic, "nobody"), ""},
		}, func(s *rooms.State) bool { return !s.Forwards("attendee", mic) && s.Forwards("second", mic) }},
		{"those who came before may, those who come after may not", []step{
			{"host", rights(mic, "known"), ""},
			newcomer("late", rooms.RoleAttendee),
			{"late", source("publish", "", mic), "not-on-stage"},
			{"attendee", source("publish", "", mic), ""},
			{"host", rights(mic, "known"), ""},
			{"late", source("publish", "", mic), ""},
		}, func(s *rooms.State) bool { return s.Forwards("attendee", mic) && s.Forwards("late", mic) }},
		{"a mute holds in a circle", []step{
			{"host", rights(mic, "everyone"), ""},
			{"host", source("mute", "attendee", mic), ""},
			{"attendee", source("publish", "", mic), "muted"},
		}, nil},
		{"a grant does not outlive leaving", []step{
			{"host", source("grant", "attendee", mic), ""},
			{"attendee", cmd("leave"), ""},
			newcomer("attendee", rooms.RoleAttendee),
			{"attendee", source("publish", "", mic), "not-on-stage"},
		}, nil},
		{"nonsense is refused", []step{
			{"host", rights("nose", "everyone"), "invalid"},
			{"host", rights(mic, "friends"), "invalid"},
			{"host", source("grant", "attendee", "nose"), "invalid"},
			{"host", source("revoke", "attendee", mic), "already"},
		}, nil},
	})
}

func TestPanicScenes(t *testing.T) {
	const mic = rooms.SourceMic
	shouting := []step{
		{"host", rights(mic, "everyone"), ""},
		{"attendee", source("publish", "", mic), ""},
		{"speaker", source("publish", "", mic), ""},
		{"second", cmd("hand.raise"), ""},
		{"co-host", cmd("panic"), ""},
	}
	quiet := func(s *rooms.State) bool {
		return !s.Forwards("attendee", mic) && !s.Forwards("speaker", mic) && len(s.Hands) == 1 && len(s.Participants) == 7
	}
	play(t, []scene{
		{"all is quiet and everybody is still there", append(shouting[:5:5], []step{
			{"host", cmd("panic"), "already"},
			{"attendee", say("ha"), "frozen"},
			{"host", say("One moment, please."), "frozen"},
			{"speaker", source("resume", "", mic), "frozen"},
			{"attendee", source("unpublish", "", mic), ""},
			{"attendee", source("publish", "", mic), "frozen"},
		}...), quiet},
		{"step by step: a part that is not unfrozen stays quiet", append(shouting[:5:5], []step{
			{"host", unfreeze("chat"), ""},
			{"host", unfreeze("chat"), "already"},
			{"host", unfreeze("lobby"), "invalid"},
			{"second", say("What was that?"), ""},
			{"speaker", source("resume", "", mic), "frozen"},
			{"host", unfreeze("stage"), ""},
			{"attendee", source("resume", "", mic), "frozen"},
		}...), quiet},
		{"nobody's microphone opens by itself when the stage thaws", append(shouting[:5:5], []step{
			{"host", unfreeze("stage"), ""},
			{"host", unfreeze("floor"), ""},
		}...), quiet},
		{"each opens their own", append(shouting[:5:5], []step{
			{"host", unfreeze("stage"), ""},
			{"speaker", source("resume", "", mic), ""},
		}...), func(s *rooms.State) bool { return s.Forwards("speaker", mic) && !s.Forwards("attendee", mic) }},
		{"only a host thaws", append(shouting[:5:5], []step{
			{"co-host", unfreeze("chat"), "forbidden"},
			{"attendee", unfreeze("chat"), "forbidden"},
			{"attendee", cmd("panic"), "forbidden"},
		}...), quiet},
	})
}

func TestPanicKeepsEvidenceOfWhoWasSending(t *testing.T) {
	st := newStage(t)
	st.mustDo("speaker", source("publish", "", "mic"))
	events, err := rooms.Apply(st.s, "host", cmd("panic"), st.at)
	if err != nil || len(events) != 1 {
		t.Fatalf("%v %v", events, err)
	}
	e := events[0]
	if len(e.Present) != 1 || e.Present[0].ID != "speaker" || e.Present[0].Person != "person of speaker" || !e.Present[0].Sources["mic"].Published {
		t.Errorf("evidence: %+v", e.Present)
	}
	if p := e.For("host", true); p.Present != nil || p.Settings == nil {
		t.Errorf("hosts are told %+v", p)
	}
}

func TestChatModes(t *testing.T) {
	slow := rooms.Command{Name: "chat.mode", Mode: "slow", Seconds: 30}
	play(t, []scene{
		{"slow: one message each in that time; hosts are exempt", []step{
			{"host", slow, ""},
			{"attendee", say("one"), ""},
			{"attendee", say("two"), "slow"},
			{"second", say("mine"), ""},
			{"twin", say("the same person"), "slow"},
			{"co-host", say("one"), ""},
			{"co-host", say("two"), ""},
			pass(30 * time.Second),
			{"attendee", say("two"), ""},
		}, func(s *rooms.State) bool { return len(s.Chat) == 5 }},
		{"hosts only, off, and open again", []step{
			{"host", mode("chat.mode", "hosts"), ""},
			{"attendee", say("me?"), "chat-closed"},
			{"speaker", say("me?"), "chat-closed"},
			{"co-host", say("us"), ""},
			{"host", mode("chat.mode", "off"), ""},
			{"host", say("me?"), "chat-closed"},
			{"host", mode("chat.mode", "open"), ""},
			{"attendee", say("me"), ""},
		}, func(s *rooms.State) bool { return len(s.Chat) == 2 }},
		{"nonsense is refused", []step{
			{"host", mode("chat.mode", "loud"), "invalid"},
			{"host", mode("chat.mode", "slow"), "invalid"},
			{"host", rooms.Command{Name: "chat.mode", Mode: "slow", Seconds: 3601}, "invalid"},
			{"host", mode("chat.hold", "friends"), "invalid"},
			{"attendee", mode("chat.mode", "off"), "forbidden"},
		}, nil},
		{"a newcomer's first message waits; approved, they are no newcomer", []step{
			{"host", mode("chat.hold", "newcomers"), ""},
			{"attendee", say("first"), ""},
			{"attendee", cmd("chat.approve"), "forbidden"},
			{"host", rooms.Command{Name: "chat.approve", Message: "m9"}, ""},
			{"host", rooms.Command{Name: "chat.approve", Message: "m9"}, "not-found"},
			{"attendee", say("second"), ""},
			{"speaker", say("no newcomer"), ""},
		}, func(s *rooms.State) bool {
			return len(s.Held) == 0 && len(s.Chat) == 3 && s.Chat[0].ID == "m9" && s.Chat[0].Text == "first" && s.Chat[0].From == "attendee"
		}},
		{"discarded, it is gone and the next one waits again; three wait at most", []step{
			{"host", mode("chat.hold", "newcomers"), ""},
			{"attendee", say("first"), ""},
			{"co-host", rooms.Command{Name: "chat.discard", Message: "m9"}, ""},
			{"attendee", say("a"), ""},
			{"attendee", say("b"), ""},
			{"attendee", say("c"), ""},
			{"attendee", say("d"), "held"},
		}, func(s *rooms.State) bool { return len(s.Held) == 3 && len(s.Chat) == 0 }},
		{"who has been heard before the hold is no newcomer", []step{
			{"attendee", say("hello"), ""},
			{"host", mode("chat.hold", "newcomers"), ""},
			{"attendee", say("again"), ""},
		}, func(s *rooms.State) bool { return len(s.Chat) == 2 }},
		{"what a removed person had waiting goes with them", []step{
			{"host", mode("chat.hold", "newcomers"), ""},
			{"attendee", say("rude"), ""},
			{"host", about("remove", "attendee"), ""},
		}, func(s *rooms.State) bool { return len(s.Held) == 0 }},
		{"nothing held is said into a frozen chat", []step{
			{"host", mode("chat.hold", "newcomers"), ""},
			{"attendee", say("first"), ""},
			{"host", cmd("panic"), ""},
			{"host", rooms.Command{Name: "chat.approve", Message: "m9"}, "frozen"},
		}, func(s *rooms.State) bool { return len(s.Held) == 1 }},
	})
}

func TestSlowChatSaysWhenItIsOnesTurn(t *testing.T) {
	st := newStage(t)
	st.mustDo("host", rooms.Command{Name: "chat.mode", Mode: "slow", Seconds: 30})
	st.mustDo("attendee", say("one"))
	err := st.do("attendee", say("two"))
	refusal, ok := err.(*rooms.Error)
	if !ok || refusal.Code != "slow" || refusal.RetryAfter != 29*time.Second {
		t.Errorf("%+v", err)
	}
}

func TestBans(t *testing.T) {
	ban := func(participant, scope string) rooms.Command {
		return rooms.Command{Name: "ban", Participant: participant, Scope: scope}
	}
	play(t, []scene{
		{"a ban from the event holds like a removal, and strangers wait from then on", []step{
			{"co-host", ban("attendee", "event"), ""},
			refused("attendee", rooms.RoleAttendee, "banned"),
			newcomer("new", rooms.RoleAttendee),
			{"second", cmd("leave"), ""},
			newcomer("second", rooms.RoleAttendee),
		}, func(s *rooms.State) bool {
			return s.Participants["twin"] == nil && place(s, "new") == "lobby" && place(s, "second") == "floor"
		}},
		{"a removal leaves the lobby as it is", []step{
			{"host", about("remove", "attendee"), ""},
			newcomer("new", rooms.RoleAttendee),
		}, func(s *rooms.State) bool { return place(s, "new") == "floor" }},
		{"a ban from the site is a host's; nobody bans up, themselves, or from a series", []step{
			{"co-host", ban("attendee", "site"), "forbidden"},
			{"attendee", ban("second", "event"), "forbidden"},
			{"co-host", ban("host", "event"), "forbidden"},
			{"host", ban("host", "site"), "forbidden"},
			{"host", ban("attendee", "series"), "invalid"},
			{"host", ban("attendee", "site"), ""},
			refused("attendee", rooms.RoleAttendee, "banned"),
		}, nil},
		{"a ban does not open a stricter lobby", []step{
			{"host", mode("lobby.mode", "admit"), ""},
			{"host", ban("attendee", "event"), ""},
		}, func(s *rooms.State) bool { return s.Settings.Lobby == rooms.LobbyAdmit }},
	})
}

func TestBansSayWhomAndByWhomToTheJournalAlone(t *testing.T) {
	st := newStage(t)
	events, err := rooms.Apply(st.s, "host", rooms.Command{Name: "ban", Participant: "second", Scope: "site"}, st.at)
	if err != nil {
		t.Fatal(err)
	}
	e := events[0]
	if e.Kind != "removed" || e.Name != "Name of second" || e.By != "Name of host" || e.Scope != "site" || !e.Until.After(st.at) {
		t.Errorf("%+v", e)
	}
	if p := e.For("host", true); p.Name+p.By+p.Scope+p.Person != "" || !p.Until.IsZero() {
		t.Errorf("told: %+v", p)
	}
}

func TestLiftingABanLetsThePersonBackAndIsNobodysBusiness(t *testing.T) {
	st := newStage(t)
	st.mustDo("host", about("remove", "second"))
	events := rooms.Lift(st.s, "person of second", st.at)
	if len(events) != 1 || events[0].For("host", true).Kind != "void" {
		t.Fatalf("%+v", events)
	}
	st.s.Evolve(events[0])
	st.mustDo("second", again("second", rooms.RoleAttendee))
	if again := rooms.Lift(st.s, "person of second", st.at); len(again) != 0 {
		t.Errorf("lifted twice: %+v", again)
	}
}

func TestExpellingLeavesNoBanBehind(t *testing.T) {
	st := newStage(t)
	var gone []string
	for _, e := range rooms.Expel(st.s, "person of attendee", st.at) {
		st.s.Evolve(e)
		gone = append(gone, e.Participant)
	}
	if strings.Join(gone, " ") != "attendee twin" || len(st.s.Banned) != 0 {
		t.Errorf("gone %v, banned %v", gone, st.s.Banned)
	}
}
