package rooms_test

import (
	"fmt"
	"strings"
	"testing"

	"lyceum/rooms"
)

func say(text string) rooms.Command { return rooms.Command{Name: "chat.send", Text: text} }

func TestChatTextIsCleanedAndBounded(t *testing.T) {
	rows := []struct {
		name, text, want, code string
	}{
		{"plain text stays", "Hello, all", "Hello, all", ""},
		{"line breaks stay and the ends are trimmed", "\n one\ntwo \n", "one\ntwo", ""},
		{"control characters go", "a\x00b\x1b[31mc\r\n", "ab[31mc", ""},
		{"bidirectional controls go", "a\u202egnp.exe\u2066b", "agnp.exeb", ""},
		{"emoji joiners and Hindi joiners stay", "👩\u200d🚀 क्\u200dष", "👩\u200d🚀 क्\u200dष", ""},
		{"broken UTF-8 goes", "a\xffb", "ab", ""},
		{"markup is text", "<script>alert(1)</script>", "<script>alert(1)</script>", ""},
		{"empty is invalid", "", "", "invalid"},
		{"only invisible is invalid", " \u200b\u202e\n\t", "", "invalid"},
		{"1000 runes are enough", strings.Repeat("é", 1000), strings.Repeat("é", 1000), ""},
		{"1001 are too many", strings.Repeat("é", 1001), "", "too-long"},
		{"a megabyte is too long", strings.Repeat("a", 1<<20), "", "too-long"},
		{"the widest 1000 runes fit", strings.Repeat("𐍈", 1000), strings.Repeat("𐍈", 1000), ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			st := newStage(t)
			if got := codeOf(st.do("attendee", say(row.text))); got != row.code {
				t.Fatalf("code %q, want %q", got, row.code)
			}
			if row.code == "" && st.s.Chat[0].Text != row.want {
				t.Errorf("text %q, want %q", st.s.Chat[0].Text, row.want)
			}
		})
	}
}

func TestTheLast200MessagesAreKeptWithIDsOfTheirOwn(t *testing.T) {
	st := newStage(t)
	seen := map[string]bool{}
	for i := range 250 {
		st.mustDo("attendee", say(fmt.Sprint("message ", i)))
		seen[st.s.Chat[len(st.s.Chat)-1].ID] = true
	}
	if len(seen) != 250 || len(st.s.Chat) != 200 || st.s.Chat[0].Text != "message 50" {
		t.Errorf("%d ids, %d kept, the oldest is %q", len(seen), len(st.s.Chat), st.s.Chat[0].Text)
	}
}

func TestWhoMayDeleteAMessage(t *testing.T) {
	for actor, want := range map[string]string{
		"attendee": "", "host": "", "co-host": "", "second": "forbidden", "speaker": "forbidden", "captioner": "forbidden",
	} {
		st := newStage(t)
		st.mustDo("attendee", say("hello"))
		c := rooms.Command{Name: "chat.delete", Message: st.s.Chat[0].ID}
		if got := codeOf(st.do(actor, c)); got != want {
			t.Errorf("%s: %q, want %q", actor, got, want)
		}
		if m := st.s.Chat[0]; want == "" && (m.Text != "" || !m.Deleted) {
			t.Errorf("%s: deleted message is %+v", actor, m)
		}
	}
}

func TestNamesAreOneCleanLine(t *testing.T) {
	for name, want := range map[string]string{
		"Ada Example":              "Ada Example",
		"  Ada \n\t Example\u202e": "Ada Example",
		strings.Repeat("n", 100):   strings.Repeat("n", 60),
		"\u200b":                   "p",
	} {
		st := &stage{t: t, s: rooms.New(), at: t0}
		st.mustDo("p", rooms.Command{Name: "join", Joining: &rooms.Participant{ID: "p", Name: name, Role: rooms.RoleAttendee}})
		if got := st.s.Participants["p"].Name; got != want {
			t.Errorf("name %q became %q, want %q", name, got, want)
		}
	}
}
