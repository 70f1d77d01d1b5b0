package rooms_test

import (
	"testing"
	"time"

	"lyceum/rooms"
)

func mode(command, m string) rooms.Command { return rooms.Command{Name: command, Mode: m} }

// newcomer joins under an id that nobody has.
func newcomer(id string, role rooms.Role) step { return step{id, again(id, role), ""} }

func refused(id string, role rooms.Role, code string) step { return step{id, again(id, role), code} }

func TestLobbyScenes(t *testing.T) {
	play(t, []scene{
		{"in an open room everybody comes in", []step{
			newcomer("new", rooms.RoleAttendee),
		}, func(s *rooms.State) bool { return place(s, "new") == "floor" }},
		{"one by one: even who was here before waits, and is let in", []step{
			{"host", mode("lobby.mode", "admit"), ""},
			newcomer("new", rooms.RoleAttendee),
			{"second", cmd("leave"), ""},
			newcomer("second", rooms.RoleAttendee),
			{"co-host", about("lobby.admit", "second"), ""},
			{"co-host", about("lobby.admit", "second"), "already"},
		}, func(s *rooms.State) bool { return place(s, "new") == "lobby" && place(s, "second") == "floor" }},
		{"known people come in, strangers wait", []step{
			{"host", mode("lobby.mode", "known"), ""},
			newcomer("new", rooms.RoleAttendee),
			{"second", cmd("leave"), ""},
			newcomer("second", rooms.RoleAttendee),
			{"third", rooms.Command{Name: "join", Joining: &rooms.Participant{
				ID: "third", Name: "Another ticket", Role: rooms.RoleAttendee, Person: "person of attendee",
			}}, ""},
		}, func(s *rooms.State) bool {
			return place(s, "new") == "lobby" && place(s, "second") == "floor" && place(s, "third") == "floor" &&
				s.Participants["second"].Known && !s.Participants["new"].Known
		}},
		{"behind a closed lobby nobody waits; hosts and speakers come in", []step{
			{"host", mode("lobby.mode", "closed"), ""},
			refused("new", rooms.RoleAttendee, "closed"),
			refused("typist", rooms.RoleCaptioner, "closed"),
			newcomer("author", rooms.RoleSpeaker),
			newcomer("librarian", rooms.RoleHost),
		}, func(s *rooms.State) bool { return place(s, "author") == "stage" && place(s, "librarian") == "stage" }},
		{"coming back is not coming", []step{
			{"attendee", cmd("lose"), ""},
			{"host", mode("lobby.mode", "admit"), ""},
			{"host", cmd("lock"), ""},
			{"attendee", cmd("return"), ""},
		}, func(s *rooms.State) bool { return place(s, "attendee") == "floor" }},
		{"who waits can do nothing but ask and leave", []step{
			{"host", mode("lobby.mode", "admit"), ""},
			newcomer("new", rooms.RoleAttendee),
			{"new", say("let me in"), "waiting"},
			{"new", cmd("hand.raise"), "waiting"},
			{"new", source("publish", "", "mic"), "waiting"},
			{"new", about("remove", "host"), "forbidden"},
			{"new", cmd("lobby.ask"), "already"},
			{"host", about("stage.invite", "new"), "waiting"},
			{"host", source("grant", "new", "mic"), "waiting"},
		}, nil},
		{"refused with a kind word, one may ask again, once", []step{
			{"host", mode("lobby.mode", "admit"), ""},
			newcomer("new", rooms.RoleAttendee),
			{"host", rooms.Command{Name: "lobby.deny", Participant: "new", Text: "After the reading, please."}, ""},
			{"host", cmd("lobby.admit-all"), ""},
			{"new", cmd("lobby.ask"), ""},
			{"new", cmd("lobby.ask"), "already"},
		}, func(s *rooms.State) bool {
			w, ok := s.Wait("new")
			return ok && w == rooms.Waiting{Hosts: true, Reason: "asked"}
		}},
		{"opening the lobby lets in who waits, but for those refused", []step{
			{"host", mode("lobby.mode", "admit"), ""},
			newcomer("one", rooms.RoleAttendee),
			newcomer("two", rooms.RoleAttendee),
			{"host", about("lobby.deny", "two"), ""},
			{"host", mode("lobby.mode", "open"), ""},
		}, func(s *rooms.State) bool { return place(s, "one") == "floor" && place(s, "two") == "lobby" }},
		{"sent back to the lobby, one waits in every mode and by every way in", []step{
			{"host", source("grant", "attendee", "mic"), ""},
			{"attendee", source("publish", "", "mic"), ""},
			{"attendee", cmd("hand.raise"), ""},
			{"host", about("lobby.return", "attendee"), ""},
			{"attendee", cmd("leave"), ""},
			newcomer("attendee", rooms.RoleAttendee),
			{"host", cmd("lobby.admit-all"), ""},
			{"attendee", cmd("lobby.ask"), ""},
		}, func(s *rooms.State) bool {
			return place(s, "attendee") == "lobby" && len(s.Hands) == 0 && len(s.Participants["attendee"].Sources) == 0
		}},
		{"a speaker sent back waits too, and returns to the stage when let in", []step{
			{"host", about("lobby.return", "speaker"), ""},
			{"speaker", cmd("leave"), ""},
			newcomer("speaker", rooms.RoleSpeaker),
			{"speaker", source("publish", "", "mic"), "waiting"},
			{"host", about("lobby.admit", "speaker"), ""},
			{"speaker", cmd("leave"), ""},
			newcomer("speaker", rooms.RoleSpeaker),
		}, func(s *rooms.State) bool { return place(s, "speaker") == "stage" && len(s.Standing) == 0 }},
		{"a co-host sends no host to the lobby, and nobody goes there by their own hand", []step{
			{"co-host", about("lobby.return", "host"), "forbidden"},
			{"co-host", about("lobby.return", "co-host"), "forbidden"},
			{"host", about("lobby.return", "co-host"), ""},
			{"co-host", about("mute", "attendee"), "waiting"},
		}, func(s *rooms.State) bool { return !s.Participants["co-host"].Hosting() }},
		{"a locked room takes nobody new but hosts, and opens to who waited meanwhile", []step{
			{"host", mode("lobby.mode", "admit"), ""},
			newcomer("early", rooms.RoleAttendee),
			{"host", cmd("lock"), ""},
			{"host", cmd("lock"), "already"},
			refused("new", rooms.RoleAttendee, "closed"),
			refused("author", rooms.RoleSpeaker, "closed"),
			newcomer("librarian", rooms.RoleCoHost),
			{"host", about("lobby.admit", "early"), "locked"},
			{"host", cmd("lobby.admit-all"), "locked"},
			{"host", mode("lobby.mode", "open"), ""},
			{"host", cmd("unlock"), ""},
			newcomer("author", rooms.RoleSpeaker),
		}, func(s *rooms.State) bool { return place(s, "early") == "floor" && place(s, "author") == "stage" }},
	})
}

func TestTakeoverScenes(t *testing.T) {
	away := []step{{"host", cmd("lose"), ""}, pass(30 * time.Second)}
	play(t, []scene{
		{"nobody takes over from a host who is here, or has just gone", []step{
			{"co-host", cmd("stand-in"), "already"},
			{"host", cmd("lose"), ""},
			pass(20 * time.Second),
			{"co-host", cmd("stand-in"), "already"},
			{"co-host", rooms.Command{Name: "unfreeze", Part: "chat"}, "forbidden"},
		}, func(s *rooms.State) bool { return s.InCharge == "" && !s.HostGone.IsZero() }},
		{"after half a minute a co-host has the host's rights, and no other role", append(away[:2:2], []step{
			{"speaker", cmd("stand-in"), "forbidden"},
			{"co-host", cmd("stand-in"), ""},
			{"co-host", cmd("panic"), ""},
			{"co-host", rooms.Command{Name: "unfreeze", Part: "chat"}, ""},
			{"co-host", about("remove", "host"), "forbidden"},
			{"co-host", about("stage.return", "host"), "forbidden"},
			{"co-host", rooms.Command{Name: "ban", Participant: "attendee", Scope: "site"}, ""},
		}...), func(s *rooms.State) bool {
			return s.InCharge == "co-host" && s.Participants["co-host"].Role == rooms.RoleCoHost && s.Participants["attendee"] == nil
		}},
		{"a returning host is host again", append(away[:2:2], []step{
			{"co-host", cmd("stand-in"), ""},
			{"host", cmd("return"), ""},
			{"co-host", cmd("panic"), ""},
			{"co-host", rooms.Command{Name: "unfreeze", Part: "chat"}, "forbidden"},
			{"host", rooms.Command{Name: "unfreeze", Part: "chat"}, ""},
		}...), func(s *rooms.State) bool { return s.InCharge == "" && s.HostGone.IsZero() }},
		{"any host ends it, also a new one", append(away[:2:2], []step{
			{"co-host", cmd("stand-in"), ""},
			newcomer("librarian", rooms.RoleHost),
		}...), func(s *rooms.State) bool { return s.InCharge == "" }},
		{"it does not outlive the co-host's being here", append(away[:2:2], []step{
			{"co-host", cmd("stand-in"), ""},
			{"co-host", cmd("lose"), ""},
			{"co-host", cmd("return"), ""},
		}...), func(s *rooms.State) bool { return s.InCharge == "" }},
	})
}

func TestHandsOfWhoHasNotSpokenComeFirst(t *testing.T) {
	play(t, []scene{
		{"who has been on the stage goes behind who has not", []step{
			{"host", about("stage.invite", "attendee"), ""},
			{"attendee", cmd("stage.accept"), ""},
			{"attendee", cmd("stage.leave"), ""},
			{"attendee", cmd("hand.raise"), ""},
			{"second", cmd("hand.raise"), ""},
			{"captioner", cmd("hand.raise"), ""},
		}, func(s *rooms.State) bool {
			return s.Hands[0] == "second" && s.Hands[1] == "captioner" && s.Hands[2] == "attendee"
		}},
		{"a turn in the circle counts, and so does one before leaving", []step{
			{"host", rooms.Command{Name: "rights", Source: "mic", Mode: "everyone"}, ""},
			{"second", source("publish", "", "mic"), ""},
			{"second", cmd("leave"), ""},
			newcomer("second", rooms.RoleAttendee),
			{"second", cmd("hand.raise"), ""},
			{"attendee", cmd("hand.raise"), ""},
		}, func(s *rooms.State) bool { return s.Hands[0] == "attendee" && s.Participants["second"].Spoke }},
	})
}
