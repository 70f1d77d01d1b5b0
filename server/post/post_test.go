package post_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"lyceum/server/event"
	"lyceum/server/post"
)

const link = "https://live.library.example/events/lantern"

func talk() event.Event {
	return event.Event{
		Title: "The Paper Lantern", Summary: "An evening about light, paper and the patience of hands.", Format: event.Hybrid, Branch: "Main Library",
		StartsAt: time.Date(2026, 12, 3, 18, 0, 0, 0, time.UTC), EndsAt: time.Date(2026, 12, 3, 19, 0, 0, 0, time.UTC), TimeZone: "Europe/Berlin", Status: event.Scheduled,
	}
}

func TestADraftKeepsItsLinkAndFits(t *testing.T) {
	long := talk()
	long.Title = strings.Repeat("lantern ", 60)
	for _, row := range []struct {
		rule   string
		e      event.Event
		moment string
		limit  int
		want   string // "" when only fitting matters
	}{
		{"an announcement says what, when and where", talk(), post.Announced, 500,
			"The Paper Lantern\n\nThursday, 3 December 2026, 19:00 CET \u00b7 Main Library and online\n\nAn evening about light, paper and the patience of hands.\n\n" + link},
		{"the summary gives way first, between words", talk(), post.Announced, 160,
			"The Paper Lantern\n\nThursday, 3 December 2026, 19:00 CET \u00b7 Main Library and online\n\nAn evening about light, paper\u2026\n\n" + link},
		{"an hour before is short", talk(), post.HourBefore, 300,
			"In one hour: The Paper Lantern\n\nThursday, 3 December 2026, 19:00 CET \u00b7 Main Library and online\n\n" + link},
		{"a long title is cut", long, post.Announced, 300, ""},
	} {
		got := post.Draft(row.e, row.moment, link, row.limit, utf8.RuneCountInString)
		if row.want != "" && got != row.want || utf8.RuneCountInString(got) > row.limit || !strings.HasSuffix(got, "\n\n"+link) {
			t.Errorf("%s: %d runes: %q", row.rule, utf8.RuneCountInString(got), got)
		}
	}
}

func TestWhenAPostIsPointless(t *testing.T) {
	off := talk()
	off.Status = event.Cancelled
	for _, row := range []struct {
		rule   string
		e      event.Event
		moment string
		at     time.Duration // after the start
		want   string
	}{
		{"before the start an hour before is late but right", talk(), post.HourBefore, -time.Minute, ""},
		{"at the start it is not", talk(), post.HourBefore, 0, post.FaultTooLate},
		{"an announcement of a running event is right", talk(), post.Announced, 10 * time.Minute, ""},
		{"of an event that is over it is not", talk(), post.Announced, 2 * time.Hour, post.FaultTooLate},
		{"nothing goes out for an event that was called off", off, post.Announced, -time.Hour, post.FaultCancelled},
	} {
		if got := post.Moot(row.e, row.moment, row.e.StartsAt.Add(row.at)); got != row.want {
			t.Errorf("%s: %q", row.rule, got)
		}
	}
}

func TestPausesGrowAndHonourTheService(t *testing.T) {
	for _, row := range []struct {
		attempts int
		asked    time.Duration
		want     time.Duration
	}{{0, 0, 10 * time.Second}, {1, 0, 10 * time.Second}, {2, 0, 30 * time.Second}, {9, 0, 30 * time.Minute}, {1, time.Hour, time.Hour}, {9, time.Second, 30 * time.Minute}, {1, 1000 * time.Hour, 24 * time.Hour}} {
		if got := post.Pause(row.attempts, row.asked); got != row.want {
			t.Errorf("after %d, asked %v: %v", row.attempts, row.asked, got)
		}
	}
}

// Every code has its sentence in the console's catalogue, with something to read.
func TestEveryFaultHasASentence(t *testing.T) {
	raw, err := os.ReadFile("../../frontend/messages/live.en.json")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatal(err)
	}
	for _, code := range post.Faults() {
		if len(texts["fault."+code]) < 20 {
			t.Errorf("fault.%s has no sentence", code)
		}
	}
}

func FuzzDraft(f *testing.F) {
	f.Add("The Paper Lantern", "An evening", 300)
	f.Add("", "", 0)
	f.Add("👨‍👩‍👧 \x00", strings.Repeat("a ", 500), 100)
	f.Fuzz(func(t *testing.T, title, summary string, limit int) {
		e := talk()
		e.Title, e.Summary = title, summary
		if got := post.Draft(e, post.Announced, link, limit, utf8.RuneCountInString); !strings.HasSuffix(got, link) {
			t.Errorf("%q lost its link", got)
		}
	})
}

func FuzzProblems(f *testing.F) {
	f.Add("see https://live.library.example/join#abc")
	f.Add("(live.library.example/my)")
	f.Fuzz(func(t *testing.T, text string) {
		const ticket = "https://live.library.example/join#abcdefghijklmnopqrstuvwxyz"
		if ps := post.Problems(text+" "+ticket, "https://live.library.example", 1<<20, utf8.RuneCountInString); ps == nil {
			t.Errorf("%q passed with a personal link", text)
		}
	})
}
