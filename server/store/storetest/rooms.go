package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"lyceum/server/store"
)

func roomCases() []testCase {
	return []testCase{
		{"a room's journal is read back in order, from a version on", journal},
		{"of many appends of one version exactly one is written", journalConflict},
		{"reading stops at the reader's error", journalStops},
		{"a ban holds in its scope until it ends", bans},
		{"bans that hold are listed by the names shown then", namedBans},
		{"a ban from the site refuses a seat at every event", siteBan},
	}
}

// entries reads the journal as short texts.
func (f *fixture) entries(room string, after uint64) []string {
	f.Helper()
	var got []string
	f.must(f.s.RoomEntries(f.ctx, room, after, func(v uint64, at time.Time, kind, subject string, data []byte) error {
		got = append(got, fmt.Sprintf("%d %s %s %s %s", v, at.Format(time.TimeOnly), kind, subject, data))
		return nil
	}))
	return got
}

func journal(f *fixture) {
	for _, v := range []uint64{2, 1, 3} {
		f.must(f.s.AppendRoom(f.ctx, "a", v, now, "joined", fmt.Sprint("p", v), []byte(`{"ü":1}`)))
	}
	f.must(f.s.AppendRoom(f.ctx, "b", 1, now, "left", "p", nil))
	want := `[2 09:00:00 joined p2 {"ü":1} 3 09:00:00 joined p3 {"ü":1}]`
	if got := fmt.Sprint(f.entries("a", 1)); got != want {
		f.Errorf("got %s, want %s", got, want)
	}
	for v := range uint64(1200) { // more than one page
		f.must(f.s.AppendRoom(f.ctx, "long", v+1, now, "said", "p", nil))
	}
	if got := len(f.entries("long", 0)); got != 1200 {
		f.Errorf("%d entries", got)
	}
}

func journalConflict(f *fixture) {
	var written atomic.Int64
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			err := f.s.AppendRoom(f.ctx, "a", 7, now, "said", fmt.Sprint("p", i), nil)
			var conflict interface{ Conflict() bool }
			switch {
			case err == nil:
				written.Add(1)
			case !errors.Is(err, store.ErrVersionTaken) || !errors.As(err, &conflict) || !conflict.Conflict():
				f.Errorf("append: %v", err)
			}
		})
	}
	wg.Wait()
	if got := f.entries("a", 0); written.Load() != 1 || len(got) != 1 {
		f.Errorf("%d written, entries %v", written.Load(), got)
	}
}

func journalStops(f *fixture) {
	for v := range uint64(3) {
		f.must(f.s.AppendRoom(f.ctx, "a", v+1, now, "said", "p", nil))
	}
	enough, seen := errors.New("enough"), 0
	err := f.s.RoomEntries(f.ctx, "a", 0, func(uint64, time.Time, string, string, []byte) error {
		seen++
		return enough
	})
	if !errors.Is(err, enough) || seen != 1 {
		f.Errorf("seen %d, error %v", seen, err)
	}
}

func bans(f *fixture) {
	scope := uuid.NewString() // bans need no event of that id
	f.must(f.s.BanPerson(f.ctx, scope, "short", now, now.Add(time.Hour)))
	f.must(f.s.BanPerson(f.ctx, scope, "good", now, time.Time{}))
	f.must(f.s.BanPerson(f.ctx, scope, "lifted", now, now.Add(time.Hour)))
	f.must(f.s.BanPerson(f.ctx, scope, "lifted", now, now))
	rows := []struct {
		scope, person string
		at            time.Time
		want          bool
	}{
		{scope, "short", now, true},
		{scope, "short", now.Add(time.Hour), false},
		{scope, "good", now.AddDate(100, 0, 0), true},
		{scope, "lifted", now, false},
		{scope, "nobody", now, false},
		{"elsewhere", "good", now, false},
	}
	for _, r := range rows {
		got, err := f.s.PersonBanned(f.ctx, r.scope, r.person, r.at)
		f.must(err)
		if got != r.want {
			f.Errorf("%s at %s: banned %v", r.person, r.at, got)
		}
	}
}
