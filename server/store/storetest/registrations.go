package storetest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"lyceum/server/event"
	"lyceum/server/registration"
)

func registrationCases() []testCase {
	return []testCase{
		{"500 people at once never get more seats than there are", neverOversell},
		{"a registration is read back as it was answered", registrationRoundTrip},
		{"the same address, also with a plus, gets the same answer and no second seat", sameAddress},
		{"what is shown tells nobody whether an address was known, not even with a key used twice", shownAlike},
		{"the same key and body is answered with the same registration", keyReplay},
		{"the same key with another body is refused", keyReused},
		{"a key counts for its event only and for 24 hours", keyScope},
		{"an event that is over, cancelled or unknown takes no registration", closed},
		{"a cancelled seat goes to the first who waits, and the ticket is void", cancelPromotes},
		{"cancelling twice changes nothing", cancelTwice},
		{"leaving the waitlist moves the others up", leaveWaitlist},
		{"who cancelled may register again and gets a new ticket", cancelAndReturn},
		{"a registration takes another name and keeps the rest, unless it is cancelled", rename},
		{"a banned person is refused, takes no seat, and sees what anybody would", banned},
		{"a banned person on the waitlist is not promoted", bannedWaiting},
		{"a person whose ban has ended may register", banEnded},
	}
}

// neverOversell is also the check that nobody is lost: every answer has its row.
func neverOversell(f *fixture) {
	const people, seats = 500, 100
	e := f.event(seats)
	other := f.event(people)
	var wg sync.WaitGroup
	answers := make([]registration.Registration, people)
	for i := range people {
		in := f.input(e, address(i))
		if i%5 == 4 { // a second event in the same transactions
			in = f.input(other, address(i))
		}
		wg.Go(func() {
			r, err := f.s.Register(f.ctx, in)
			if err != nil {
				f.Errorf("reader %d: %v", i, err)
			}
			answers[i] = r.Registration
		})
	}
	wg.Wait()
	got := map[registration.Status]int{}
	positions := map[int]bool{}
	for _, a := range answers {
		if a.EventID == e.ID {
			got[a.Status]++
			positions[a.Position] = true
		}
		stored, err := f.s.Registration(f.ctx, a.ID)
		f.must(err)
		if diff := cmp.Diff(a, stored); diff != "" {
			f.Fatalf("the answer differs from the row (-answer +row):\n%s", diff)
		}
	}
	if got[registration.Confirmed] != seats || got[registration.Waitlisted] != 300 {
		f.Errorf("statuses: %v", got)
	}
	if len(positions) != 301 || !positions[300] {
		f.Errorf("%d different positions on the waitlist", len(positions)-1)
	}
	if now := f.reread(e); now.Taken != seats || now.Waiting != 300 {
		f.Errorf("the event counts %d taken, %d waiting", now.Taken, now.Waiting)
	}
	if now := f.reread(other); now.Taken != 100 {
		f.Errorf("the other event counts %d taken", now.Taken)
	}
}

func registrationRoundTrip(f *fixture) {
	e := f.event(1)
	want := f.register(e, "Avid.Reader@Example.org")
	got, err := f.s.Registration(f.ctx, want.ID)
	f.must(err)
	if diff := cmp.Diff(want, got); diff != "" {
		f.Errorf("registration differs (-answer +row):\n%s", diff)
	}
	if got.Email != "Avid.Reader@example.org" || got.Generation != 1 || !got.CreatedAt.Equal(now.Truncate(time.Microsecond)) {
		f.Errorf("registration %+v", got)
	}
	f.must(f.keys.Verify(f.keys.Ticket(got.ID, got.Generation), got))
	if _, err := f.s.Registration(f.ctx, "nobody"); !errors.Is(err, registration.ErrNotFound) {
		f.Errorf("unknown id: %v", err)
	}
	if _, err := f.s.CancelRegistration(f.ctx, "nobody", now); !errors.Is(err, registration.ErrNotFound) {
		f.Errorf("cancel an unknown id: %v", err)
	}
}

func sameAddress(f *fixture) {
	e := f.event(1)
	first := f.register(e, "reader@example.org")
	waits := f.register(e, "other@example.org")
	f.register(e, "third@example.org")
	for _, again := range []string{"reader@example.org", "reader+club@example.org", "READER@EXAMPLE.ORG"} {
		if diff := cmp.Diff(first, f.register(e, again)); diff != "" {
			f.Errorf("%s: the answer differs (-first +again):\n%s", again, diff)
		}
	}
	if diff := cmp.Diff(waits, f.register(e, "other+x@example.org")); diff != "" {
		f.Errorf("waitlisted: the answer differs (-first +again):\n%s", diff)
	}
	if got := f.reread(e); got.Taken != 1 || got.Waiting != 2 {
		f.Errorf("%d taken, %d waiting", got.Taken, got.Waiting)
	}
}

// shownAlike asks as somebody who wants to know who is registered would: with a
// key, twice, at an event that is full, about addresses with a seat, in the queue,
// banned and new.
func shownAlike(f *fixture) {
	e := f.event(1)
	f.must(f.s.BanPerson(f.ctx, e.ID, f.keys.Person("banned@example.org"), now, e.EndsAt))
	f.register(e, "seated@example.org")
	f.register(e, "waiting@example.org")
	for i, c := range []struct {
		email   string
		outcome registration.Outcome
		place   int
	}{
		{"seated@example.org", registration.Existed, 2},
		{"waiting@example.org", registration.Existed, 2},
		{"banned@example.org", registration.Created, 2}, // a refused claim takes no place
		{"banned@example.org", registration.Existed, 2},
		{"stranger@example.org", registration.Created, 2},
		{"seated@example.org", registration.Existed, 3},
	} {
		in := f.input(e, c.email)
		in.IdempotencyKey = fmt.Sprint("key", i)
		want := registration.Answer{Status: registration.Waitlisted, Position: c.place}
		first, err := f.s.Register(f.ctx, in)
		f.must(err)
		if first.Outcome != c.outcome || first.Shown != want {
			f.Errorf("%s: %s, shown %+v, want %s and %+v", c.email, first.Outcome, first.Shown, c.outcome, want)
		}
		f.register(e, address(i))
		f.cancel(f.register(e, address(i)))
		again, err := f.s.Register(f.ctx, in)
		f.must(err)
		if again.Outcome != registration.Replayed || again.Shown != want || again.ID != first.ID {
			f.Errorf("%s again: %s, shown %+v", c.email, again.Outcome, again.Shown)
		}
	}
}

func keyReplay(f *fixture) {
	e := f.event(5)
	in := f.input(e, address(1))
	in.IdempotencyKey = "0123456789abcdef0123456789abcdef"
	first, err := f.s.Register(f.ctx, in)
	f.must(err)
	f.kinds()
	again, err := f.s.Register(f.ctx, in)
	f.must(err)
	if again.ID != first.ID {
		f.Errorf("id %s, then %s", first.ID, again.ID)
	}
	if mails := f.kinds(); len(mails) != 0 {
		f.Errorf("the repeat sent %v", mails)
	}
	f.must(f.s.CancelEvent(f.ctx, e.ID, now))
	if again, err = f.s.Register(f.ctx, in); err != nil || again.ID != first.ID {
		f.Errorf("a repeat after the event was cancelled: %v", err)
	}
}

func keyReused(f *fixture) {
	e := f.event(5)
	in := f.input(e, address(1))
	in.IdempotencyKey = "key"
	_, err := f.s.Register(f.ctx, in)
	f.must(err)
	other := f.input(e, address(2))
	other.IdempotencyKey = in.IdempotencyKey
	if _, err := f.s.Register(f.ctx, other); !errors.Is(err, registration.ErrKeyReused) {
		f.Errorf("another address: %v", err)
	}
	in.Applicant.Name = "Another Name"
	if _, err := f.s.Register(f.ctx, in); !errors.Is(err, registration.ErrKeyReused) {
		f.Errorf("another name: %v", err)
	}
	if got := f.reread(e); got.Taken != 1 {
		f.Errorf("%d taken", got.Taken)
	}
}

func keyScope(f *fixture) {
	e, other := f.event(5), f.event(5)
	in := f.input(e, address(1))
	in.IdempotencyKey = "key"
	_, err := f.s.Register(f.ctx, in)
	f.must(err)
	in.EventID, in.Person = other.ID, f.keys.Person(address(2))
	in.Applicant.Email = address(2)
	if _, err := f.s.Register(f.ctx, in); err != nil {
		f.Errorf("the same key at another event: %v", err)
	}
	in.EventID, in.Now = e.ID, now.Add(23*time.Hour)
	if _, err := f.s.Register(f.ctx, in); !errors.Is(err, registration.ErrKeyReused) {
		f.Errorf("after 23 hours: %v", err)
	}
	in.Now = now.Add(24*time.Hour + time.Minute)
	f.must(f.s.Sweep(f.ctx, now.Add(time.Hour)))
	if _, err := f.s.Register(f.ctx, in); err != nil {
		f.Errorf("after 24 hours: %v", err)
	}
}

func closed(f *fixture) {
	e := f.event(5)
	in := f.input(e, address(1))
	in.Now = e.EndsAt
	if _, err := f.s.Register(f.ctx, in); !errors.Is(err, registration.ErrClosed) {
		f.Errorf("over: %v", err)
	}
	in.Now = e.EndsAt.Add(-time.Minute)
	if _, err := f.s.Register(f.ctx, in); err != nil {
		f.Errorf("on: %v", err)
	}
	f.must(f.s.CancelEvent(f.ctx, e.ID, now))
	if _, err := f.s.Register(f.ctx, f.input(e, address(2))); !errors.Is(err, registration.ErrClosed) {
		f.Errorf("cancelled: %v", err)
	}
	in.EventID = "nowhere"
	if _, err := f.s.Register(f.ctx, in); !errors.Is(err, event.ErrNotFound) {
		f.Errorf("unknown: %v", err)
	}
}

func cancelPromotes(f *fixture) {
	e := f.event(1)
	seated, first, second := f.register(e, address(1)), f.register(e, address(2)), f.register(e, address(3))
	ticket := f.keys.Ticket(seated.ID, seated.Generation)
	f.kinds()
	gone := f.cancel(seated)
	if gone.Status != registration.Cancelled || gone.Generation != 2 || gone.CancelledAt.IsZero() {
		f.Errorf("cancelled registration %+v", gone)
	}
	if err := f.keys.Verify(ticket, gone); !errors.Is(err, registration.ErrTicketRefused) {
		f.Errorf("the old ticket: %v", err)
	}
	list, err := f.s.RegistrationsOfEvent(f.ctx, e.ID)
	f.must(err)
	var got []string
	for _, r := range list {
		got = append(got, fmt.Sprint(r.Status, r.Position))
	}
	if want := "[cancelled0 confirmed0 waitlisted1]"; fmt.Sprint(got) != want || list[1].ID != first.ID || list[2].ID != second.ID {
		f.Errorf("registrations %v, want %v", got, want)
	}
	if now := f.reread(e); now.Taken != 1 || now.Waiting != 1 {
		f.Errorf("%d taken, %d waiting", now.Taken, now.Waiting)
	}
	f.must(f.keys.Verify(f.keys.Ticket(first.ID, first.Generation), list[1])) // the first mail's link still works
	if got := f.kinds(); fmt.Sprint(got) != "[mail.cancelled mail.promoted]" {
		f.Errorf("mails: %v", got)
	}
}

func cancelTwice(f *fixture) {
	e := f.event(1)
	r := f.register(e, address(1))
	f.register(e, address(2))
	first := f.cancel(r)
	f.kinds()
	if diff := cmp.Diff(first, f.cancel(r)); diff != "" {
		f.Errorf("the second time differs (-first +second):\n%s", diff)
	}
	if got := f.reread(e); got.Taken != 1 || got.Waiting != 0 {
		f.Errorf("%d taken, %d waiting", got.Taken, got.Waiting)
	}
	if mails := f.kinds(); len(mails) != 0 {
		f.Errorf("the second time sent %v", mails)
	}
}

func leaveWaitlist(f *fixture) {
	e := f.event(1)
	f.register(e, address(1))
	second, third := f.register(e, address(2)), f.register(e, address(3))
	f.cancel(second)
	got, err := f.s.Registration(f.ctx, third.ID)
	f.must(err)
	if got.Position != 1 || f.reread(e).Waiting != 1 || f.reread(e).Taken != 1 {
		f.Errorf("third is at %d", got.Position)
	}
}

func cancelAndReturn(f *fixture) {
	e := f.event(1)
	old := f.cancel(f.register(e, address(1)))
	fresh := f.register(e, address(1))
	if fresh.Status != registration.Confirmed || fresh.ID == old.ID || f.reread(e).Taken != 1 {
		f.Errorf("fresh registration %+v", fresh)
	}
}

func rename(f *fixture) {
	e := f.event(1)
	f.register(e, address(1))
	want := f.register(e, address(2))
	want.Name = "Another Name"
	got, err := f.s.RenameRegistration(f.ctx, want.ID, want.Name)
	f.must(err)
	if diff := cmp.Diff(want, got); diff != "" {
		f.Errorf("renamed registration (-want +got):\n%s", diff)
	}
	f.cancel(got)
	for _, id := range []string{got.ID, "nobody"} {
		if _, err := f.s.RenameRegistration(f.ctx, id, "x"); !errors.Is(err, registration.ErrNotFound) {
			f.Errorf("renaming %s: %v", id, err)
		}
	}
}

func banned(f *fixture) {
	for _, c := range []struct {
		capacity int
		shown    registration.Status
	}{{5, registration.Confirmed}, {1, registration.Waitlisted}} {
		e := f.event(c.capacity)
		f.register(e, "somebody@example.org")
		before := f.reread(e)
		f.must(f.s.BanPerson(f.ctx, e.ID, f.keys.Person("reader@example.org"), now, e.EndsAt))
		answer, err := f.s.Register(f.ctx, f.input(e, "reader+again@example.org"))
		f.must(err)
		r := answer.Registration
		if r.Status != registration.Refused || answer.Shown.Status != c.shown {
			f.Errorf("status %s, shown as %s, want %s", r.Status, answer.Shown.Status, c.shown)
		}
		if again := f.register(e, "reader@example.org"); again.ID != r.ID || again.Status != registration.Refused {
			f.Errorf("again: %+v", again)
		}
		if after := f.reread(e); after.Taken != before.Taken || after.Waiting != before.Waiting {
			f.Errorf("the banned person counts: %d taken, %d waiting", after.Taken, after.Waiting)
		}
		if err := f.keys.Verify(f.keys.Ticket(r.ID, r.Generation), r); !errors.Is(err, registration.ErrTicketRefused) {
			f.Errorf("a ticket: %v", err)
		}
		if f.cancel(r); f.register(e, "reader@example.org").Status != registration.Refused {
			f.Error("cancelling the refused registration lets the person in")
		}
	}
}

func bannedWaiting(f *fixture) {
	e := f.event(1)
	seated, first, second := f.register(e, address(1)), f.register(e, address(2)), f.register(e, address(3))
	f.must(f.s.BanPerson(f.ctx, e.ID, first.Person, now, e.EndsAt))
	f.cancel(seated)
	for id, want := range map[string]registration.Status{first.ID: registration.Refused, second.ID: registration.Confirmed} {
		got, err := f.s.Registration(f.ctx, id)
		f.must(err)
		if got.Status != want {
			f.Errorf("status %s, want %s", got.Status, want)
		}
	}
	if got := f.reread(e); got.Taken != 1 || got.Waiting != 0 {
		f.Errorf("%d taken, %d waiting", got.Taken, got.Waiting)
	}
}

func banEnded(f *fixture) {
	e := f.event(1)
	f.must(f.s.BanPerson(f.ctx, e.ID, f.keys.Person(address(1)), now, now.Add(time.Hour)))
	refused := f.register(e, address(1))
	in := f.input(e, address(1))
	in.Now = now.Add(2 * time.Hour)
	r, err := f.s.Register(f.ctx, in)
	f.must(err)
	if r.ID != refused.ID || r.Status != registration.Confirmed || f.reread(e).Taken != 1 {
		f.Errorf("registration %+v", r)
	}
	f.must(f.keys.Verify(f.keys.Ticket(r.ID, r.Generation), r.Registration))
}
