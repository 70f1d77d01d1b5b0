package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"lyceum/server/event"
)

func eventCases() []testCase {
	return []testCase{
		{"an event is read back as it was written, by id and by slug", eventRoundTrip},
		{"a second event of one title on one day gets a slug of its own", slugs},
		{"an id is used once", eventTwice},
		{"an unknown event is not found", eventMissing},
		{"upcoming events come by start, in pages, without cancelled and past ones", upcoming},
		{"a moved event keeps its address and raises its version", move},
		{"cancelling an event tells everybody who holds a seat or waits, once", cancelEvent},
	}
}

func eventRoundTrip(f *fixture) {
	want, err := event.New(uuid.NewString(), event.Draft{
		Title: "Ünï ☂ «quotes»", Summary: "s", Description: "# d\n\nwith 'quotes'", Speaker: "The Author", Branch: "Hill Branch",
		Kind: event.Workshop, Audience: event.Ages6to11, Format: event.Hybrid,
		StartsAt: now.Add(time.Hour), Minutes: 90, TimeZone: "Europe/Vienna", Capacity: 7,
	}, now)
	f.must(err)
	f.must(f.s.AddEvent(f.ctx, want))
	for _, name := range []string{want.ID, want.Slug} {
		got, err := f.s.Event(f.ctx, name)
		f.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			f.Errorf("Event(%q) differs (-want +got):\n%s", name, diff)
		}
	}
}

func slugs(f *fixture) {
	seen := map[string]bool{}
	for range 3 {
		seen[f.event(1).Slug] = true
	}
	for _, want := range []string{"the-paper-lantern-2026-12-02", "the-paper-lantern-2026-12-02-2", "the-paper-lantern-2026-12-02-3"} {
		if !seen[want] {
			f.Errorf("no event got the slug %q: %v", want, seen)
		}
	}
}

func eventTwice(f *fixture) {
	e := f.event(1)
	e.Slug = "another"
	if err := f.s.AddEvent(f.ctx, e); err == nil {
		f.Error("the id was taken twice")
	}
}

func eventMissing(f *fixture) {
	if _, err := f.s.Event(f.ctx, "nowhere"); !errors.Is(err, event.ErrNotFound) {
		f.Errorf("Event: %v", err)
	}
	if _, err := f.s.MoveEvent(f.ctx, "nowhere", now, now.Add(time.Hour), now); !errors.Is(err, event.ErrNotFound) {
		f.Errorf("MoveEvent: %v", err)
	}
	if err := f.s.CancelEvent(f.ctx, "nowhere", now); !errors.Is(err, event.ErrNotFound) {
		f.Errorf("CancelEvent: %v", err)
	}
}

func upcoming(f *fixture) {
	add := func(title string, starts time.Time) event.Event {
		e, err := event.New(uuid.NewString(), event.Draft{Title: title, Kind: event.Class, StartsAt: starts, Capacity: 1}, starts)
		f.must(err)
		f.must(f.s.AddEvent(f.ctx, e))
		return e
	}
	add("over", now.Add(-time.Hour))
	f.must(f.s.CancelEvent(f.ctx, add("off", now.Add(time.Hour)).ID, now))
	add("third", now.Add(3*time.Hour))
	add("second", now.Add(2*time.Hour))
	add("second", now.Add(2*time.Hour))
	add("on now", now.Add(-time.Minute))
	var got []string
	after := ""
	for range 10 {
		items, next, err := f.s.Upcoming(f.ctx, now, after, 2)
		f.must(err)
		for _, e := range items {
			got = append(got, e.Title)
		}
		if after = next; after == "" {
			break
		}
	}
	if want := []string{"on now", "second", "second", "third"}; fmt.Sprint(got) != fmt.Sprint(want) {
		f.Errorf("got %q, want %q", got, want)
	}
	var problems event.Problems
	if _, _, err := f.s.Upcoming(f.ctx, now, "made up", 2); !errors.As(err, &problems) {
		f.Errorf("a made-up cursor: %v", err)
	}
	all, err := f.s.EventsForStaff(f.ctx, 100)
	f.must(err)
	if len(all) != 6 || all[0].Title != "third" {
		f.Errorf("staff see %d events, the first is %q", len(all), all[0].Title)
	}
}

func move(f *fixture) {
	e := f.event(1)
	moved, err := f.s.MoveEvent(f.ctx, e.ID, e.StartsAt.Add(time.Hour), e.EndsAt.Add(2*time.Hour), now)
	f.must(err)
	want := e
	want.StartsAt, want.EndsAt, want.Version = e.StartsAt.Add(time.Hour), e.EndsAt.Add(2*time.Hour), e.Version+1
	if diff := cmp.Diff(want, moved); diff != "" {
		f.Errorf("moved event differs (-want +got):\n%s", diff)
	}
	if _, err := f.s.MoveEvent(f.ctx, e.ID, e.EndsAt, e.StartsAt, now); err == nil {
		f.Error("an event may end before it starts")
	}
	f.must(f.s.CancelEvent(f.ctx, e.ID, now))
	if _, err := f.s.MoveEvent(f.ctx, e.ID, e.StartsAt, e.EndsAt, now); !errors.Is(err, event.ErrCancelled) {
		f.Errorf("moving a cancelled event: %v", err)
	}
}

func cancelEvent(f *fixture) {
	e := f.event(1)
	f.register(e, address(1))
	f.register(e, address(2))
	f.cancel(f.register(e, address(3)))
	f.kinds()
	for range 2 {
		f.must(f.s.CancelEvent(f.ctx, e.ID, now))
	}
	if got := f.kinds(); fmt.Sprint(got) != "[mail.event-cancelled mail.event-cancelled]" {
		f.Errorf("mails: %v", got)
	}
	if got := f.reread(e); got.Status != event.Cancelled {
		f.Errorf("status %s", got.Status)
	}
}
