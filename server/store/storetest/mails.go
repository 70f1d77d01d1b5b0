package storetest

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/store"
)

func mailCases() []testCase {
	return []testCase{
		{"a registration writes one mail with ids and nothing else", mailPayload},
		{"each outcome has its own mail", mailKinds},
		{"a refused application writes no mail", noMailWithoutRow},
		{"one address gets at most three mails an hour, over all events", mailLimit},
		{"the news of a seat waits for the limit and is not lost", mailWaits},
		{"two owners never hold the same row", leases},
		{"a row whose lease ended is free again, a relayed one never", leaseEnds},
		{"a delivery begins once, counts attempts and stays sent", deliveries},
		{"deliveries are listed newest first", deliveriesOrder},
	}
}

func mailPayload(f *fixture) {
	e := f.event(1)
	r := f.register(e, address(1))
	rows := f.claim("a", now)
	if len(rows) != 1 || rows[0].Kind != registration.MailRegistration || rows[0].CreatedAt.IsZero() {
		f.Fatalf("rows: %+v", rows)
	}
	var got map[string]string
	f.must(json.Unmarshal(rows[0].Payload, &got))
	if diff := cmp.Diff(map[string]string{"registration": r.ID, "event": e.ID}, got); diff != "" {
		f.Errorf("payload (-want +got):\n%s", diff)
	}
}

func mailKinds(f *fixture) {
	e := f.event(1)
	f.must(f.s.BanPerson(f.ctx, e.ID, f.keys.Person(address(9)), now, e.EndsAt))
	steps := []struct {
		do   func()
		want string
	}{
		{func() { f.register(e, address(1)) }, "mail.registration"},
		{func() { f.register(e, address(2)) }, "mail.waitlisted"},
		{func() { f.register(e, address(1)) }, "mail.again"},
		{func() { f.register(e, address(9)) }, "mail.refused"},
		{func() { f.register(e, address(9)) }, "mail.refused"},
	}
	for _, s := range steps {
		s.do()
		if got := f.kinds(); fmt.Sprint(got) != "["+s.want+"]" {
			f.Errorf("mails %v, want %s", got, s.want)
		}
	}
}

func noMailWithoutRow(f *fixture) {
	e := f.event(1)
	f.must(f.s.CancelEvent(f.ctx, e.ID, now))
	if _, err := f.s.Register(f.ctx, f.input(e, address(1))); err == nil {
		f.Error("a cancelled event took a registration")
	}
	if got := f.kinds(); len(got) != 0 {
		f.Errorf("mails: %v", got)
	}
}

func mailLimit(f *fixture) {
	var events []event.Event
	for range 5 {
		e := f.event(3)
		events = append(events, e)
		if r := f.register(e, "victim+"+e.ID[:8]+"@example.org"); r.Status != registration.Confirmed {
			f.Errorf("the limit on mails must not change the answer: %+v", r)
		}
	}
	if got := f.kinds(); len(got) != 3 {
		f.Errorf("%d mails to one address", len(got))
	}
	f.register(events[0], "other@example.org")
	if got := f.kinds(); len(got) != 1 {
		f.Errorf("%d mails to another address", len(got))
	}
	in := f.input(events[4], "victim@example.org")
	in.Now = now.Add(59 * time.Minute)
	_, err := f.s.Register(f.ctx, in)
	f.must(err)
	in.Now = now.Add(61 * time.Minute)
	_, err = f.s.Register(f.ctx, in)
	f.must(err)
	if got := f.claim("a", in.Now); len(got) != 1 || got[0].Kind != registration.MailAgain {
		f.Errorf("after an hour: %+v", got)
	}
}

func mailWaits(f *fixture) {
	e := f.event(1)
	seated := f.register(e, address(1))
	for range 5 {
		f.register(e, address(2)) // waits, and uses its share up
	}
	f.kinds()
	f.cancel(seated)
	if got := f.kinds(); fmt.Sprint(got) != "[mail.cancelled]" {
		f.Errorf("mails now: %v", got)
	}
	if got := f.claim("a", now.Add(59*time.Minute)); len(got) != 0 {
		f.Errorf("too early: %+v", got)
	}
	if got := f.claim("a", now.Add(time.Hour)); len(got) != 1 || got[0].Kind != registration.MailPromoted {
		f.Errorf("after an hour: %+v", got)
	}
}

func leases(f *fixture) {
	const mails, owners = 60, 6
	e := f.event(mails)
	for i := range mails {
		f.register(e, address(i))
	}
	var mu sync.Mutex
	holder := map[string]string{}
	var wg sync.WaitGroup
	for o := range owners {
		wg.Go(func() {
			for range mails {
				owner := fmt.Sprint("node", o)
				rows, err := f.s.ClaimOutbox(f.ctx, owner, 4, time.Minute, now)
				if err != nil {
					f.Error(err)
				}
				if len(rows) == 0 {
					return
				}
				mu.Lock()
				for _, row := range rows {
					if other := holder[row.ID]; other != "" {
						f.Errorf("row %s is with %s and %s", row.ID, other, owner)
					}
					holder[row.ID] = owner
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(holder) != mails {
		f.Errorf("%d of %d rows claimed", len(holder), mails)
	}
}

func leaseEnds(f *fixture) {
	e := f.event(2)
	f.register(e, address(1))
	f.register(e, address(2))
	first := f.claim("a", now)
	if len(first) != 2 || first[0].ID >= first[1].ID {
		f.Fatalf("rows: %+v", first)
	}
	f.must(f.s.OutboxRelayed(f.ctx, []string{first[0].ID}, now))
	if got := f.claim("b", now.Add(59*time.Second)); len(got) != 0 {
		f.Errorf("during the lease: %+v", got)
	}
	if got := f.claim("b", now.Add(time.Minute)); len(got) != 1 || got[0].ID != first[1].ID {
		f.Errorf("after the lease: %+v", got)
	}
	f.must(f.s.OutboxRelayed(f.ctx, nil, now))
}

func deliveries(f *fixture) {
	d := store.Delivery{
		ID: uuid.NewString(), Kind: "mail.registration", Channel: "email", Recipient: "reader@example.org",
		Subject: "Your seat", EventID: "e", RegistrationID: "r",
	}
	steps := []struct {
		name, finish, state string
		attempts            int
	}{
		{"first attempt", store.Failed, store.Sending, 1},
		{"after a failure", "", store.Sending, 2},
		{"after an attempt nobody finished", store.Sent, store.Unknown, 3},
		{"after it was sent", "", store.Sent, 3},
	}
	for i, s := range steps {
		at := now.Add(time.Duration(i) * time.Minute)
		got, err := f.s.BeginDelivery(f.ctx, d, at)
		f.must(err)
		if got.State != s.state || got.Attempts != s.attempts {
			f.Errorf("%s: state %s, attempts %d", s.name, got.State, got.Attempts)
		}
		if s.finish != "" {
			f.must(f.s.FinishDelivery(f.ctx, d.ID, s.finish, "250 ok", at))
		}
	}
	list, err := f.s.Deliveries(f.ctx, 10)
	f.must(err)
	want := d
	want.State, want.Attempts, want.Detail = store.Sent, 3, "250 ok"
	want.CreatedAt = now.Truncate(time.Microsecond)
	want.UpdatedAt = want.CreatedAt.Add(2 * time.Minute)
	if diff := cmp.Diff([]store.Delivery{want}, list); diff != "" {
		f.Errorf("deliveries (-want +got):\n%s", diff)
	}
	if err := f.s.FinishDelivery(f.ctx, "never began", store.Sent, "", now); err == nil {
		f.Error("a delivery that never began was finished")
	}
}

func deliveriesOrder(f *fixture) {
	for i, id := range []string{"b", "c", "a"} {
		_, err := f.s.BeginDelivery(f.ctx, store.Delivery{ID: id}, now.Add(time.Duration(i)*time.Second))
		f.must(err)
	}
	list, err := f.s.Deliveries(f.ctx, 2)
	f.must(err)
	ids := ""
	for _, d := range list {
		ids += d.ID
	}
	if ids != "ac" {
		f.Errorf("order %s", ids)
	}
}
