package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/store"
)

func namedBans(f *fixture) {
	e := f.event(5)
	later := now.Add(time.Second)
	f.must(f.s.BanPerson(f.ctx, e.ID, "one", now, now.Add(time.Hour)))
	f.must(f.s.NameBan(f.ctx, e.ID, "one", e.ID, "Name One", "Host Example"))
	f.must(f.s.BanPerson(f.ctx, "site", "two", later, now.Add(time.Hour)))
	f.must(f.s.NameBan(f.ctx, "site", "two", e.ID, "Name Two", "Host Example"))
	f.must(f.s.BanPerson(f.ctx, e.ID, "three", now.Add(-time.Hour), now.Add(time.Hour))) // nobody named it
	f.must(f.s.BanPerson(f.ctx, e.ID, "over", now, now.Add(time.Minute)))
	f.must(f.s.NameBan(f.ctx, e.ID, "nobody", e.ID, "Nobody", "Host Example"))
	mine := func(all []store.Ban) []store.Ban {
		var some []store.Ban
		for _, b := range all {
			if b.Room == e.ID {
				some = append(some, b)
			}
		}
		return some
	}
	want := []store.Ban{
		{Scope: "site", Person: "two", At: later, Until: now.Add(time.Hour), Room: e.ID, Name: "Name Two", By: "Host Example", EventTitle: e.Title},
		{Scope: e.ID, Person: "one", At: now, Until: now.Add(time.Hour), Room: e.ID, Name: "Name One", By: "Host Example", EventTitle: e.Title},
		{Scope: e.ID, Person: "three", At: now.Add(-time.Hour), Until: now.Add(time.Hour), Room: e.ID, EventTitle: e.Title},
	}
	for i, b := range want {
		want[i].At, want[i].Until = b.At.Truncate(time.Microsecond), b.Until.Truncate(time.Microsecond)
	}
	got, err := f.s.Bans(f.ctx, now.Add(time.Minute), 1000)
	f.must(err)
	if d := cmp.Diff(want, mine(got)); d != "" {
		f.Errorf("bans (-want +got):\n%s", d)
	}
	f.must(f.s.BanPerson(f.ctx, "site", "two", later, later)) // lifted
	got, err = f.s.Bans(f.ctx, now.Add(time.Minute), 1000)
	f.must(err)
	if left := mine(got); len(left) != 2 {
		f.Errorf("after lifting: %+v", left)
	}
}

func siteBan(f *fixture) {
	e, other := f.event(5), f.event(5)
	person := f.keys.Person(address(1))
	f.must(f.s.BanPerson(f.ctx, "site", person, now, now.Add(time.Hour)))
	for _, at := range []event.Event{e, other} {
		if r := f.register(at, address(1)); r.Status != registration.Refused {
			f.Errorf("status %s, want refused", r.Status)
		}
	}
	if r := f.register(e, address(2)); r.Status != registration.Confirmed {
		f.Errorf("somebody else: %s", r.Status)
	}
	f.must(f.s.BanPerson(f.ctx, "site", person, now, now))
}
