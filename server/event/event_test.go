package event_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lyceum/server/event"
)

var now = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)

func draft(change func(*event.Draft)) event.Draft {
	d := event.Draft{Title: "The Paper Lantern", Kind: event.AuthorTalk, StartsAt: now.Add(time.Hour), Capacity: 10}
	if change != nil {
		change(&d)
	}
	return d
}

// A draft becomes an event only when every field holds; all faults are named at once.
func TestNewNamesEveryFault(t *testing.T) {
	long := func(n int) string { return strings.Repeat("ä", n) }
	rows := []struct {
		name   string
		change func(*event.Draft)
		want   event.Problems
	}{
		{"a plain draft passes", nil, nil},
		{"a title at its limit passes", func(d *event.Draft) { d.Title = long(event.MaxTitle) }, nil},
		{"a title over its limit fails", func(d *event.Draft) { d.Title = long(event.MaxTitle + 1) }, faults("title too-long")},
		{"a title of spaces is missing", func(d *event.Draft) { d.Title = " \t\u00a0 " }, faults("title required")},
		{"a title that turns text around fails", func(d *event.Draft) { d.Title = "abc\u202edef" }, faults("title bad-text")},
		{"broken UTF-8 fails", func(d *event.Draft) { d.Speaker = "\xff" }, faults("speaker bad-text")},
		{"a long summary fails", func(d *event.Draft) { d.Summary = long(event.MaxSummary + 1) }, faults("summary too-long")},
		{"a description may have lines", func(d *event.Draft) { d.Description = "# one\n\n- two\n" }, nil},
		{"a description over its limit fails", func(d *event.Draft) { d.Description = long(event.MaxDescription + 1) }, faults("description too-long")},
		{"a description with NUL fails", func(d *event.Draft) { d.Description = "a\x00b" }, faults("description bad-text")},
		{"no kind is missing", func(d *event.Draft) { d.Kind = "" }, faults("kind required")},
		{"an unknown kind fails", func(d *event.Draft) { d.Kind = "party" }, faults("kind unknown")},
		{"unknown choices fail together", func(d *event.Draft) { d.Audience, d.Format = "13-17", "tv" }, faults("audience unknown", "format unknown")},
		{"an unknown time zone fails", func(d *event.Draft) { d.TimeZone = "Mars/Olympus" }, faults("timeZone unknown")},
		{"the machine's own zone fails", func(d *event.Draft) { d.TimeZone = "Local" }, faults("timeZone unknown")},
		{"no start is missing", func(d *event.Draft) { d.StartsAt = time.Time{} }, faults("startsAt required")},
		{"an event that has begun passes", func(d *event.Draft) { d.StartsAt = now.Add(-59 * time.Minute) }, nil},
		{"an event that would be over fails", func(d *event.Draft) { d.StartsAt = now.Add(-time.Hour) }, faults("startsAt in-the-past")},
		{"a year with five digits fails", func(d *event.Draft) { d.StartsAt = now.AddDate(9000, 0, 0) }, faults("startsAt out-of-range")},
		{"too short fails", func(d *event.Draft) { d.Minutes = 4 }, faults("minutes out-of-range")},
		{"too many seats fail", func(d *event.Draft) { d.Capacity = event.MaxCapacity + 1 }, faults("capacity out-of-range")},
		{"no seats fail", func(d *event.Draft) { d.Capacity = 0 }, faults("capacity out-of-range")},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := event.New("id", draft(row.change), now)
			var got event.Problems
			if err != nil && !errors.As(err, &got) {
				t.Fatalf("error %T", err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewFillsWhatIsLeftOut(t *testing.T) {
	d := draft(func(d *event.Draft) {
		d.Title, d.StartsAt = "  Two   words ", now.Add(time.Hour).In(time.FixedZone("", 3600))
	})
	got, err := event.New("id", d, now)
	if err != nil {
		t.Fatal(err)
	}
	want := event.Event{
		ID: "id", Slug: "two-words-2026-12-01", Title: "Two words", Kind: event.AuthorTalk,
		Audience: event.General, Format: event.Online, StartsAt: now.Add(time.Hour), EndsAt: now.Add(2 * time.Hour),
		TimeZone: "UTC", Capacity: 10, Status: event.Scheduled, CreatedAt: now,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

// Doors open 15 minutes early and close 30 minutes late; a cancelled event has none.
func TestWhatAnEventIsAtAMoment(t *testing.T) {
	e, err := event.New("id", draft(nil), now)
	if err != nil {
		t.Fatal(err)
	}
	off := e
	off.Status = event.Cancelled
	rows := []struct {
		name             string
		e                event.Event
		at               time.Time
		live, open, over bool
	}{
		{"long before", e, e.StartsAt.Add(-16 * time.Minute), false, false, false},
		{"as doors open", e, e.StartsAt.Add(-15 * time.Minute), false, true, false},
		{"at the start", e, e.StartsAt, true, true, false},
		{"at the end", e, e.EndsAt, false, true, true},
		{"as doors close", e, e.EndsAt.Add(30 * time.Minute), false, false, true},
		{"cancelled, at the start", off, e.StartsAt, false, false, false},
	}
	for _, row := range rows {
		live, open, over := row.e.Live(row.at), row.e.DoorsOpen(row.at), row.e.Over(row.at)
		if live != row.live || open != row.open || over != row.over {
			t.Errorf("%s: live %v, doors open %v, over %v", row.name, live, open, over)
		}
	}
}

func TestSeatsLeftIsNeverNegative(t *testing.T) {
	for taken, want := range map[int]int{0: 2, 2: 0, 3: 0} {
		if got := (event.Event{Capacity: 2, Taken: taken}).SeatsLeft(); got != want {
			t.Errorf("%d of 2 taken: %d left", taken, got)
		}
	}
}

func TestSlug(t *testing.T) {
	day := time.Date(2026, 12, 3, 23, 0, 0, 0, time.UTC)
	rows := map[string]string{
		"The Paper Lantern":         "the-paper-lantern-2026-12-03",
		"  Größe & Café — №5!  ":    "groesse-cafe-5-2026-12-03",
		"The Reader's Hour":         "the-readers-hour-2026-12-03",
		"प्रेमचंद":                  "event-2026-12-03",
		strings.Repeat("word ", 30): "word-word-word-word-word-word-word-word-word-word-word-word-2026-12-03",
		strings.Repeat("a", 200):    strings.Repeat("a", 60) + "-2026-12-03",
	}
	for title, want := range rows {
		if got := event.Slug(title, day); got != want {
			t.Errorf("Slug(%q) = %q, want %q", title, got, want)
		}
	}
}

// The day in the address is the day at the library, not in Greenwich.
func TestSlugUsesTheLibrarysDay(t *testing.T) {
	d := draft(func(d *event.Draft) {
		d.StartsAt, d.TimeZone = time.Date(2026, 12, 3, 2, 0, 0, 0, time.UTC), "America/New_York"
	})
	e, err := event.New("id", d, now)
	if err != nil {
		t.Fatal(err)
	}
	if want := "the-paper-lantern-2026-12-02"; e.Slug != want {
		t.Errorf("slug %q, want %q", e.Slug, want)
	}
}

func TestProblemsReadAsOneLine(t *testing.T) {
	got := faults("title required", "kind unknown").Error()
	if want := "invalid input: title required, kind unknown"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// faults reads "field code" pairs.
func faults(pairs ...string) (ps event.Problems) {
	for _, pair := range pairs {
		field, code, _ := strings.Cut(pair, " ")
		ps.Add(field, code)
	}
	return ps
}

// Whatever was typed, tidied text is one line without surprises, and tidying it
// again changes nothing.
func FuzzTidy(f *testing.F) {
	for _, seed := range []string{"plain", " a  b ", "a\u202eb", "a\u200db", "\xff", "a\x00", "\u2028", "é", "\ufeff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tidy, ok := event.Tidy(text)
		if !ok {
			return
		}
		if strings.ContainsAny(tidy, "\n\r\t\x00\u202e\u2028") || strings.TrimSpace(tidy) != tidy {
			t.Errorf("Tidy(%q) = %q", text, tidy)
		}
		if again, ok := event.Tidy(tidy); !ok || again != tidy {
			t.Errorf("Tidy(%q) is not stable: %q", tidy, again)
		}
	})
}

// A slug is always fit for an address.
func FuzzSlug(f *testing.F) {
	for _, seed := range []string{"The Paper Lantern", "ß", "-- --", "प्रेम", "a/b?c#d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, title string) {
		slug := event.Slug(title, now)
		if len(slug) > 80 || !strings.HasSuffix(slug, "-2026-12-01") || strings.Contains(slug, "--") ||
			strings.Trim(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || slug[0] == '-' {
			t.Errorf("Slug(%q) = %q", title, slug)
		}
	})
}
