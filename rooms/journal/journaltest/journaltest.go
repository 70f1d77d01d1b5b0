// Package journaltest is the contract of [journal.Journal] as a test suite. Every
// implementation runs it: the one in memory beside the interface, and the SQL
// store on each of its engines. It needs nothing but a way to open an empty
// journal; a fault found in one implementation becomes a case here for all.
package journaltest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lyceum/rooms/journal"
)

// at has microseconds and no more: that is what every engine keeps.
var at = time.Date(2026, 11, 24, 18, 0, 0, 123456000, time.UTC)

// Run checks an implementation. open is called once a case and gives an empty
// journal, whose end it ties to t.
func Run(t *testing.T, open func(t *testing.T) journal.Journal) {
	cases := []struct {
		name string
		run  func(t *testing.T, ctx context.Context, j journal.Journal)
	}{
		{"entries come back in the order of versions with everything they had", inOrder},
		{"a version is taken once", conflicts},
		{"an entry that comes late takes its place", late},
		{"rooms see only their own entries", apart},
		{"reading stops with the reader's error", stops},
		{"a ban holds in its scope until its end", bans},
		{"a ban given again replaces the end", bansAgain},
		{"a cancelled context is an error and no entry", cancelled},
		{"parallel appends all arrive", parallel},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			c.run(t, ctx, open(t))
		})
	}
}

// line is an entry as the suite compares it.
type line struct {
	Version       uint64
	At            time.Time
	Kind, Subject string
	Data          string
}

func read(t *testing.T, ctx context.Context, j journal.Journal, room string, after uint64) []line {
	t.Helper()
	var got []line
	err := j.RoomEntries(ctx, room, after, func(v uint64, at time.Time, kind, subject string, data []byte) error {
		got = append(got, line{v, at.UTC(), kind, subject, string(data)})
		return nil
	})
	if err != nil {
		t.Fatalf("RoomEntries: %v", err)
	}
	return got
}

func write(t *testing.T, ctx context.Context, j journal.Journal, room string, l line) {
	t.Helper()
	if err := j.AppendRoom(ctx, room, l.Version, l.At, l.Kind, l.Subject, []byte(l.Data)); err != nil {
		t.Fatalf("AppendRoom %d: %v", l.Version, err)
	}
}

func same(t *testing.T, got, want []line) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("entries (-want +got):\n%s", d)
	}
}

func inOrder(t *testing.T, ctx context.Context, j journal.Journal) {
	lines := []line{
		{1, at, "joined", "p1", `{"name":"Ümit 🙂"}`},
		{2, at.Add(time.Second), "muted", "p1", `{}`},
		{9, at.Add(time.Minute), "left", "", `{}`},
		{1 << 40, at.Add(time.Hour), "joined", "p2", `{}`},
	}
	for _, l := range lines {
		write(t, ctx, j, "r", l)
	}
	same(t, read(t, ctx, j, "r", 0), lines)
	same(t, read(t, ctx, j, "r", 2), lines[2:])
	same(t, read(t, ctx, j, "r", 1<<40), nil)
}

func conflicts(t *testing.T, ctx context.Context, j journal.Journal) {
	first := line{5, at, "muted", "p1", `{"a":1}`}
	write(t, ctx, j, "r", first)
	err := j.AppendRoom(ctx, "r", 5, at, "allowed", "p1", []byte(`{}`))
	if !journal.IsConflict(err) {
		t.Errorf("second append of version 5: %v, want a conflict", err)
	}
	if journal.IsConflict(errors.New("other")) || journal.IsConflict(nil) {
		t.Error("IsConflict holds for what is none")
	}
	same(t, read(t, ctx, j, "r", 0), []line{first})
}

func late(t *testing.T, ctx context.Context, j journal.Journal) {
	a, b := line{3, at, "muted", "p1", `{}`}, line{4, at, "said", "p2", `{}`}
	write(t, ctx, j, "r", b)
	write(t, ctx, j, "r", a)
	same(t, read(t, ctx, j, "r", 0), []line{a, b})
}

func apart(t *testing.T, ctx context.Context, j journal.Journal) {
	a, b := line{1, at, "joined", "p1", `{}`}, line{1, at, "joined", "p2", `{}`}
	write(t, ctx, j, "a", a)
	write(t, ctx, j, "b", b)
	same(t, read(t, ctx, j, "a", 0), []line{a})
	same(t, read(t, ctx, j, "b", 0), []line{b})
	same(t, read(t, ctx, j, "c", 0), nil)
}

func stops(t *testing.T, ctx context.Context, j journal.Journal) {
	for v := range uint64(3) {
		write(t, ctx, j, "r", line{v + 1, at, "said", "p1", `{}`})
	}
	enough, calls := errors.New("enough"), 0
	err := j.RoomEntries(ctx, "r", 0, func(uint64, time.Time, string, string, []byte) error {
		calls++
		return enough
	})
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("%v after %d calls, want the reader's error after 1", err, calls)
	}
}

func banned(t *testing.T, ctx context.Context, j journal.Journal, scope, person string, now time.Time) bool {
	t.Helper()
	yes, err := j.PersonBanned(ctx, scope, person, now)
	if err != nil {
		t.Fatalf("PersonBanned: %v", err)
	}
	return yes
}

func bans(t *testing.T, ctx context.Context, j journal.Journal) {
	until := at.Add(time.Hour)
	if err := j.BanPerson(ctx, "r", "hash", at, until); err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		name, scope, person string
		now                 time.Time
		want                bool
	}{
		{"right after", "r", "hash", at, true},
		{"just before the end", "r", "hash", until.Add(-time.Second), true},
		{"at the end", "r", "hash", until, false},
		{"another person", "r", "other", at, false},
		{"another scope", "s", "hash", at, false},
	}
	for _, row := range rows {
		if got := banned(t, ctx, j, row.scope, row.person, row.now); got != row.want {
			t.Errorf("%s: banned %v, want %v", row.name, got, row.want)
		}
	}
}

func bansAgain(t *testing.T, ctx context.Context, j journal.Journal) {
	for _, hours := range []time.Duration{1, 3} {
		if err := j.BanPerson(ctx, "r", "hash", at, at.Add(hours*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if !banned(t, ctx, j, "r", "hash", at.Add(2*time.Hour)) {
		t.Error("the longer ban does not hold")
	}
	for _, person := range []string{"hash", "nobody"} {
		if err := j.NameBan(ctx, "r", person, "r", "Name Example", "Host Example"); err != nil {
			t.Errorf("naming the ban of %s: %v", person, err)
		}
	}
	if !banned(t, ctx, j, "r", "hash", at.Add(2*time.Hour)) || banned(t, ctx, j, "r", "nobody", at) {
		t.Error("naming a ban changed who is banned")
	}
	if err := j.BanPerson(ctx, "r", "hash", at, at); err != nil {
		t.Fatal(err)
	}
	if banned(t, ctx, j, "r", "hash", at) {
		t.Error("a ban that ends where it begins still holds")
	}
}

func cancelled(t *testing.T, ctx context.Context, j journal.Journal) {
	over, cancel := context.WithCancel(ctx)
	cancel()
	if err := j.AppendRoom(over, "r", 1, at, "said", "p1", []byte(`{}`)); err == nil {
		t.Error("append with a cancelled context worked")
	}
	if _, err := j.PersonBanned(over, "r", "hash", at); err == nil {
		t.Error("asking with a cancelled context answered; a caller would let somebody in")
	}
	same(t, read(t, ctx, j, "r", 0), nil)
}

func parallel(t *testing.T, ctx context.Context, j journal.Journal) {
	const n = 50
	errs := make(chan error, n) // one answer each
	for v := range uint64(n) {
		go func() {
			errs <- j.AppendRoom(ctx, fmt.Sprint("r", v%2), v+1, at, "said", "p1", []byte(`{}`))
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := len(read(t, ctx, j, "r0", 0)) + len(read(t, ctx, j, "r1", 0)); got != n {
		t.Errorf("%d entries, want %d", got, n)
	}
}
