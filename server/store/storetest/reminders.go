package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"lyceum/server/event"
	"lyceum/server/outreach"
	"lyceum/server/store"
)

func reminderCases() []testCase {
	return []testCase{
		{"an event's reminders are planned with it, moved with it and end with it", remindersFollow},
		{"a due reminder writes one mail for each who has a seat then", fanOutOnce},
		{"a fan-out in parts, repeated and from two nodes at once, writes each mail once", fanOutParts},
		{"an outdated, unknown or early alarm writes nothing", fanOutRefuses},
		{"a reminder that comes too late is skipped", fanOutLate},
		{"an event that moves away after its reminder is reminded again", remindedAgain},
		{"rows that are missing or wrong are found and mended", reminderRevision},
		{"the bus hears of every new version, once", unscheduled},
		{"reminders and news of an event are outside of the limit of mails", unlimitedNews},
		{"a moved event tells everybody who holds a seat or waits, when it is news", movedMails},
		{"a bus that lost its memory gets again what was not sent", reissue},
	}
}

// later is an event with seats for all that starts a fortnight from now.
func (f *fixture) later(capacity int) event.Event {
	f.Helper()
	e, err := event.New(uuid.NewString(), event.Draft{
		Title: "The Slow Clock", Kind: event.AuthorTalk, StartsAt: now.Add(14 * 24 * time.Hour), TimeZone: "Europe/Berlin", Capacity: capacity,
	}, now)
	f.must(err)
	f.must(f.s.AddEvent(f.ctx, e))
	return f.reread(e)
}

// reminder is the one of that moment as it stands.
func (f *fixture) reminder(e event.Event, m outreach.Moment) outreach.Reminder {
	f.Helper()
	list, err := f.s.Reminders(f.ctx, e.ID)
	f.must(err)
	for _, r := range list {
		if r.Moment == m {
			return r
		}
	}
	f.Fatalf("no reminder %s", m)
	return outreach.Reminder{}
}

func (f *fixture) reminders(e event.Event) string {
	f.Helper()
	list, err := f.s.Reminders(f.ctx, e.ID)
	f.must(err)
	slices.SortFunc(list, func(a, b outreach.Reminder) int { return cmp.Compare(a.Due.Unix(), b.Due.Unix()) })
	words := make([]string, len(list))
	for i, r := range list {
		words[i] = fmt.Sprintf("%s %s %d", r.Moment, r.State, r.Version)
	}
	return strings.Join(words, ", ")
}

// fanOut runs a reminder to its end and says how many calls it took.
func (f *fixture) fanOut(r outreach.Reminder, at time.Time) (calls int) {
	f.Helper()
	for more := true; more; calls++ {
		var err error
		more, err = f.s.FanOutReminder(f.ctx, r, at)
		f.must(err)
	}
	return calls
}

// mails counts the mails in the outbox that are due at a time, by kind, and empties it.
func (f *fixture) mails(at time.Time) map[string]int {
	f.Helper()
	count := map[string]int{}
	var ids []string
	for rows := f.claim("mails", at); len(rows) > 0; rows = f.claim("mails", at) {
		for _, row := range rows {
			count[row.Kind]++
			ids = append(ids, row.ID)
		}
	}
	f.must(f.s.OutboxRelayed(f.ctx, ids, at))
	return count
}

func (f *fixture) wantMails(what string, at time.Time, want map[string]int) {
	f.Helper()
	if got := f.mails(at); fmt.Sprint(got) != fmt.Sprint(want) {
		f.Errorf("%s: mails %v, want %v", what, got, want)
	}
}

func remindersFollow(f *fixture) {
	e := f.later(1)
	if got := f.reminders(e); got != "week planned 1, day planned 1, hour planned 1" {
		f.Errorf("added: %s", got)
	}
	_, err := f.s.MoveEvent(f.ctx, e.ID, now.Add(2*24*time.Hour), now.Add(2*24*time.Hour+time.Hour), now)
	f.must(err)
	if got := f.reminders(e); got != "week cancelled 2, day planned 2, hour planned 2" {
		f.Errorf("moved: %s", got)
	}
	f.must(f.s.CancelEvent(f.ctx, e.ID, now))
	if got := f.reminders(e); got != "week cancelled 2, day cancelled 3, hour cancelled 3" {
		f.Errorf("cancelled: %s", got)
	}
}

func fanOutOnce(f *fixture) {
	e := f.later(2)
	f.register(e, address(1))
	gone := f.register(e, address(2))
	f.register(e, address(3)) // waits
	week := f.reminder(e, outreach.Week)
	f.mails(now)
	f.cancel(gone) // promotes who waits
	f.register(e, address(4))
	f.mails(now.Add(2 * time.Hour))
	f.fanOut(week, week.Due)
	f.wantMails("due", week.Due, map[string]int{"mail.reminder-week": 2})
	f.fanOut(week, week.Due)
	f.wantMails("again", week.Due, map[string]int{})
	day := f.reminder(e, outreach.Day)
	late := f.input(e, address(5))
	late.Now = week.Due.Add(time.Hour)
	f.cancel(f.register(e, address(1)))
	f.mails(day.Due)
	f.fanOut(day, day.Due)
	f.wantMails("a day before", day.Due, map[string]int{"mail.reminder-day": 2})
	if got := f.reminders(e); got != "week fanned-out 1, day fanned-out 1, hour planned 1" {
		f.Errorf("then: %s", got)
	}
}

func fanOutParts(f *fixture) {
	const people = 1003
	e := f.later(people)
	var wg sync.WaitGroup
	for n := range people { // at once, so that they share commits
		wg.Go(func() {
			if _, err := f.s.Register(f.ctx, f.input(e, address(n))); err != nil {
				f.Error(err)
			}
		})
	}
	wg.Wait()
	week := f.reminder(e, outreach.Week)
	f.mails(now)
	more, err := f.s.FanOutReminder(f.ctx, week, week.Due)
	f.must(err)
	if !more {
		f.Error("a large fan-out was one transaction")
	}
	f.reopen()
	done := make(chan error, 2) // one for each node
	for range 2 {
		go func() {
			more, err := true, error(nil)
			for more && err == nil {
				more, err = f.s.FanOutReminder(f.ctx, week, week.Due)
			}
			done <- err
		}()
	}
	for range 2 {
		f.must(<-done)
	}
	f.wantMails("in parts", week.Due, map[string]int{"mail.reminder-week": people})
}

func fanOutRefuses(f *fixture) {
	e := f.later(1)
	f.register(e, address(1))
	f.mails(now)
	week := f.reminder(e, outreach.Week)
	if _, err := f.s.FanOutReminder(f.ctx, week, week.Due.Add(-time.Second)); !errors.Is(err, store.ErrEarly) {
		f.Errorf("early: %v", err)
	}
	unknown, noMoment, old := week, week, week
	unknown.EventID, noMoment.Moment, old.Version = "nowhere", "month", 0
	for _, r := range []outreach.Reminder{unknown, noMoment, old} {
		f.fanOut(r, week.Due)
	}
	_, err := f.s.MoveEvent(f.ctx, e.ID, e.StartsAt.Add(time.Hour), e.EndsAt.Add(time.Hour), now)
	f.must(err)
	f.fanOut(week, week.Due.Add(2*time.Hour)) // the alarm of the old time
	f.must(f.s.CancelEvent(f.ctx, e.ID, now))
	f.fanOut(f.reminder(e, outreach.Week), week.Due.Add(2*time.Hour))
	f.wantMails("outdated", week.Due.Add(2*time.Hour), map[string]int{"mail.event-changed": 1, "mail.event-cancelled": 1})
}

func fanOutLate(f *fixture) {
	e := f.later(1)
	f.register(e, address(1))
	f.mails(now)
	f.fanOut(f.reminder(e, outreach.Week), f.reminder(e, outreach.Day).Due)
	f.fanOut(f.reminder(e, outreach.Hour), e.StartsAt.Add(7*24*time.Hour))
	f.wantMails("too late", e.StartsAt.Add(8*24*time.Hour), map[string]int{})
	if got := f.reminders(e); got != "week skipped 1, day planned 1, hour skipped 1" {
		f.Errorf("then: %s", got)
	}
}

func remindedAgain(f *fixture) {
	e := f.later(1)
	f.register(e, address(1))
	week := f.reminder(e, outreach.Week)
	f.fanOut(week, week.Due)
	_, err := f.s.MoveEvent(f.ctx, e.ID, e.StartsAt.Add(30*24*time.Hour), e.EndsAt.Add(30*24*time.Hour), week.Due.Add(time.Hour))
	f.must(err)
	again := f.reminder(e, outreach.Week)
	f.fanOut(again, again.Due)
	f.wantMails("twice", again.Due, map[string]int{"mail.registration": 1, "mail.reminder-week": 2, "mail.event-changed": 1})
}

func reminderRevision(f *fixture) {
	e := f.later(1)
	changed, err := f.s.ReviseReminders(f.ctx, now)
	f.must(err)
	if changed != 0 {
		f.Errorf("%d events were mended, and none was wrong", changed)
	}
	planned, err := f.s.PlannedReminders(f.ctx)
	f.must(err)
	if len(planned) != 3 || planned[0].Moment != outreach.Week || !planned[0].Due.Equal(outreach.Due(e, outreach.Week)) {
		f.Errorf("planned: %+v", planned)
	}
}

func unscheduled(f *fixture) {
	e := f.later(1)
	take := func() string {
		list, err := f.s.UnscheduledReminders(f.ctx, 10)
		f.must(err)
		f.must(f.s.ReminderScheduled(f.ctx, list))
		words := []string{}
		for _, r := range list {
			words = append(words, fmt.Sprintf("%s %s", r.Moment, r.State))
		}
		return strings.Join(words, ", ")
	}
	steps := []struct {
		what string
		do   func()
		want string
	}{
		{"added", func() {}, "week planned, day planned, hour planned"},
		{"nothing new", func() {}, ""},
		{"longer", func() { _, err := f.s.MoveEvent(f.ctx, e.ID, e.StartsAt, e.EndsAt.Add(time.Hour), now); f.must(err) }, ""},
		{"moved", func() {
			_, err := f.s.MoveEvent(f.ctx, e.ID, e.StartsAt.Add(time.Hour), e.EndsAt.Add(time.Hour), now)
			f.must(err)
		}, "week planned, day planned, hour planned"},
		{"cancelled", func() { f.must(f.s.CancelEvent(f.ctx, e.ID, now)) }, "week cancelled, day cancelled, hour cancelled"},
	}
	for _, s := range steps {
		s.do()
		if got := take(); got != s.want {
			f.Errorf("%s: %q, want %q", s.what, got, s.want)
		}
	}
}

func unlimitedNews(f *fixture) {
	at := now.Add(7 * 24 * time.Hour)
	var events []event.Event
	for range 5 {
		e := f.later(1)
		events = append(events, e)
		f.register(e, address(1))
	}
	f.wantMails("the share", now, map[string]int{"mail.registration": 3})
	for _, e := range events {
		week := f.reminder(e, outreach.Week)
		f.fanOut(week, at)
		_, err := f.s.MoveEvent(f.ctx, e.ID, e.StartsAt.Add(time.Hour), e.EndsAt.Add(time.Hour), at)
		f.must(err)
		f.must(f.s.CancelEvent(f.ctx, e.ID, at))
	}
	f.wantMails("news", at, map[string]int{"mail.reminder-week": 5, "mail.event-changed": 5, "mail.event-cancelled": 5})
	in := f.input(f.event(1), address(1))
	in.Now = at
	if _, err := f.s.Register(f.ctx, in); err == nil {
		f.Error("an event that is over took a registration")
	}
	e := f.later(1)
	in = f.input(e, address(1))
	in.Now = at
	_, err := f.s.Register(f.ctx, in)
	f.must(err)
	f.wantMails("news does not use the share up", at, map[string]int{"mail.registration": 1})
}

func movedMails(f *fixture) {
	e := f.later(1)
	f.register(e, address(1))
	f.register(e, address(2)) // waits
	f.cancel(f.register(e, address(3)))
	f.mails(now)
	move := func(start, end time.Duration, at time.Time) {
		_, err := f.s.MoveEvent(f.ctx, e.ID, e.StartsAt.Add(start), e.EndsAt.Add(end), at)
		f.must(err)
	}
	move(0, 0, now)
	f.wantMails("nothing changed", now, map[string]int{})
	move(time.Hour, time.Hour, now)
	f.wantMails("another start", now, map[string]int{"mail.event-changed": 2})
	move(time.Hour, 2*time.Hour, e.StartsAt.Add(90*time.Minute))
	f.wantMails("longer while it is on", e.StartsAt.Add(90*time.Minute), map[string]int{})
}

func reissue(f *fixture) {
	e := f.event(3)
	for n := range 3 {
		f.register(e, address(n))
	}
	rows := f.claim("relay", now)
	ids := []string{rows[0].ID, rows[1].ID, rows[2].ID}
	f.must(f.s.OutboxRelayed(f.ctx, ids, now))
	_, err := f.s.Reissue(f.ctx, "first", now)
	f.must(err)
	f.mails(now)
	for i, state := range []string{store.Sent, store.Failed} {
		_, err := f.s.BeginDelivery(f.ctx, store.Delivery{ID: ids[i], EventID: e.ID}, now)
		f.must(err)
		f.must(f.s.FinishDelivery(f.ctx, ids[i], state, "", now))
	}
	if n, err := f.s.Reissue(f.ctx, "first", now); n != 0 || err != nil {
		f.Errorf("the same bus: %d rows, %v", n, err)
	}
	if n, err := f.s.Reissue(f.ctx, "second", now); n != 2 || err != nil {
		f.Errorf("another bus: %d rows, %v", n, err)
	}
	again := f.claim("relay", now)
	if len(again) != 2 || again[0].ID != ids[1] || again[1].ID != ids[2] {
		f.Errorf("again: %+v", again)
	}
}
