package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"lyceum/scripts/fakes/mailsink"
	"lyceum/server/bus"
	"lyceum/server/email"
	"lyceum/server/event"
	"lyceum/server/jobs"
	"lyceum/server/outreach"
	"lyceum/server/registration"
	"lyceum/server/settings"
	"lyceum/server/store"
)

// mustAssemble opens a whole site on a data folder; mail is a LYCEUM_MAIL_URL.
func mustAssemble(t *testing.T, dir, mail string) *site {
	t.Helper()
	environ := []string{"LYCEUM_DATA=" + dir, "LYCEUM_LISTEN=127.0.0.1:0", "LYCEUM_MEDIA_ADDR=127.0.0.1:0", "LYCEUM_MAIL_URL=" + mail}
	cfg, err := readConfig(environ)
	if err != nil {
		t.Fatal(err)
	}
	s, err := assemble(t.Context(), console{out: t.Output(), err: t.Output(), env: environ, now: time.Now}, cfg, true)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// mustOpenStore opens only the database of a data folder.
func mustOpenStore(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite:", dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustAddEvent(t *testing.T, s *store.Store, starts time.Time) event.Event {
	t.Helper()
	e, err := event.New(uuid.NewString(), event.Draft{Title: "The Tin Moon", Kind: event.AuthorTalk, StartsAt: starts, TimeZone: "Europe/Berlin", Capacity: 1000}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	e.StartsAt, e.EndsAt = starts, starts.Add(time.Hour) // to the millisecond: a rule's whole seconds would cost the test one
	if err := s.AddEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	return e
}

// mustSeat registers everybody at once, so that they share commits.
func mustSeat(t *testing.T, s *store.Store, eventID string, addresses []string) {
	t.Helper()
	keys := registration.Keys{Site: []byte("a key for tests, 32 bytes long ..")}
	var wg sync.WaitGroup
	for _, address := range addresses {
		wg.Go(func() {
			_, err := s.Register(context.Background(), store.RegisterInput{EventID: eventID, Person: keys.Person(address), Now: time.Now(),
				Applicant: registration.Applicant{Name: "Avid Reader", Email: address}})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// until waits for a state, at most a minute.
func until(t *testing.T, what string, reached func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(time.Minute); !reached(); {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// The hour's reminder of one event goes out through a mail server that puts off, refuses, takes and falls silent, and keeps
// waiting (R4, bounded; scripts/chaos/reminders is the long form). Nobody may be missing who can be reached; twice only
// where the server took a mail and did not say so, then under the same Message-ID, and shown to staff.
func TestRemindersReachEverybodyThroughAHostileMailServer(t *testing.T) {
	sink, err := mailsink.Open(2 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sink.Close)
	dir := t.TempDir()
	db := mustOpenStore(t, dir)
	e := mustAddEvent(t, db, time.Now().Add(time.Hour+3*time.Second))
	var everybody []string
	for n := range 40 {
		class := []string{"fine", "later", "fine", "silent", "fine", "slow", "fine", "never"}[n%8]
		everybody = append(everybody, fmt.Sprintf("%s%d@mail.example", class, n))
	}
	mustSeat(t, db, e.ID, everybody)
	gone, err := db.RegistrationsOfEvent(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.CancelRegistration(t.Context(), gone[0].ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	forgetMails(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := mustAssemble(t, dir, sink.URL())
	defer s.close()
	var list []store.Delivery
	until(t, "every reminder has an outcome", func() bool {
		if list, err = s.store.Deliveries(t.Context(), 1000); err != nil {
			t.Fatal(err)
		}
		list = slices.DeleteFunc(list, func(d store.Delivery) bool { return d.Kind == "" }) // forgotten ones
		final := 0
		for _, d := range list {
			if d.State == store.Sent || strings.HasPrefix(d.Recipient, "never") && d.State == store.Failed {
				final++
			}
		}
		return final == len(everybody)-1
	})
	taken := sink.Taken()
	for _, d := range list {
		want := 1
		switch {
		case strings.HasPrefix(d.Recipient, "never"):
			want = 0
		case strings.HasPrefix(d.Recipient, "silent"):
			want = 2
		}
		ids := taken[d.Recipient]
		if d.Kind != outreach.MailReminderHour || len(ids) != want {
			t.Errorf("%s got %d mails, want %d (%s, %s)", d.Recipient, len(ids), want, d.Kind, d.Detail)
		}
		if want == 2 && (ids[0] != ids[1] || !strings.Contains(d.Detail, "may have arrived twice")) {
			t.Errorf("a doubled mail has ids %v and is shown as %q", ids, d.Detail)
		}
	}
	if len(taken[gone[0].Email]) != 0 {
		t.Error("who gave the seat back was reminded")
	}
}

// forgetMails marks what the registrations queued as done: these tests are about reminders.
func forgetMails(t *testing.T, db *store.Store) {
	t.Helper()
	for {
		rows, err := db.ClaimOutbox(t.Context(), "test", 1000, time.Minute, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			return
		}
		ids := make([]string, len(rows))
		for i, row := range rows {
			ids[i] = row.ID
		}
		if err := db.OutboxRelayed(t.Context(), ids, time.Now()); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if _, err := db.BeginDelivery(t.Context(), store.Delivery{ID: row.ID}, time.Now()); err != nil {
				t.Fatal(err)
			}
			if err := db.FinishDelivery(t.Context(), row.ID, store.Sent, "", time.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// 300 reminders are planned and 200 mails lie on the bus when its folder is deleted (R5): all plans stand again and all mails
// go out, from SQL alone.
func TestNothingIsLostWithTheBus(t *testing.T) {
	const events, mails = 100, 200
	dir := t.TempDir()
	db := mustOpenStore(t, dir)
	for range events {
		mustAddEvent(t, db, time.Now().Add(30*24*time.Hour))
	}
	e := mustAddEvent(t, db, time.Now().Add(time.Minute)) // no reminder lies ahead
	var everybody []string
	for n := range mails {
		everybody = append(everybody, fmt.Sprintf("reader%d@mail.example", n))
	}
	mustSeat(t, db, e.ID, everybody)

	b, err := bus.Open(t.Context(), "embedded", filepath.Join(dir, "bus"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	reminders := jobs.NewReminders(db, b, func() {}, time.Now, slog.New(slog.DiscardHandler))
	if err := reminders.Compare(ctx); err != nil {
		t.Fatal(err)
	}
	var relaying sync.WaitGroup
	relay := jobs.NewRelay(outbox{db}, b, time.Now, slog.New(slog.DiscardHandler))
	relaying.Go(func() { relay.Run(ctx) })
	until(t, "the bus holds everything", func() bool {
		left, err := b.Backlog(ctx)
		return err == nil && left == 3*events+mails
	})
	cancel()
	relaying.Wait()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "bus")); err != nil {
		t.Fatal(err)
	}

	began := time.Now()
	s := mustAssemble(t, dir, "file:")
	defer s.close()
	until(t, "all plans stand again", func() bool {
		plans, err := s.bus.Schedules(t.Context())
		return err == nil && len(plans) == 3*events
	})
	plansAfter := time.Since(began)
	until(t, "all mails are out", func() bool {
		files, err := filepath.Glob(filepath.Join(dir, "mail", "*.eml"))
		return err == nil && len(files) == mails
	})
	t.Logf("%d plans after %v, %d mails after %v", 3*events, plansAfter, mails, time.Since(began))
}

// Every message of the bus comes three times and shuffled, some a week late (R14): each effect happens once.
func TestMessagesThatComeAgainHaveNoEffect(t *testing.T) {
	dir := t.TempDir()
	db := mustOpenStore(t, dir)
	defer db.Close()
	start := time.Now().UTC().Truncate(time.Second).Add(30 * 24 * time.Hour)
	e := mustAddEvent(t, db, start)
	mustSeat(t, db, e.ID, []string{"one@mail.example", "two@mail.example", "three@mail.example"})
	forgetMails(t, db)
	sender, err := email.NewFileSender(filepath.Join(dir, "mail"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	clock := func() time.Time { return now }
	service, err := email.New(email.Config{
		Store: mailStore{db}, Sender: sender, Keys: registration.Keys{Site: []byte("a key for tests, 32 bytes long ..")},
		PublicURL: "http://127.0.0.1:8080", From: "library@mail.example", Settings: func() settings.Settings { return settings.Settings{Library: "A Library"} },
		Now: clock, Log: slog.New(slog.DiscardHandler), SignInCode: func(context.Context, string) (string, error) { return "", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	reminders := jobs.NewReminders(db, nil, func() {}, clock, slog.New(slog.DiscardHandler))
	rows, err := db.Reminders(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	var alarms []jobs.Alarm
	for _, r := range rows {
		alarms = append(alarms, jobs.Alarm{Event: r.EventID, Moment: r.Moment, Version: r.Version, Due: r.Due})
	}
	var mails []email.Job
	for _, m := range append(outreach.Moments(), "a week after") {
		if now = outreach.Due(e, m); m == "a week after" {
			now = start.Add(7 * 24 * time.Hour)
		}
		for _, a := range thrice(alarms) {
			data, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			if err := reminders.Due(t.Context(), data); err != nil && now.After(a.Due) {
				t.Fatal(err)
			}
		}
		claimed, err := db.ClaimOutbox(t.Context(), "test", 1000, 365*24*time.Hour, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range claimed {
			var job email.Job
			if err := json.Unmarshal(row.Payload, &job); err != nil {
				t.Fatal(err)
			}
			job.ID, job.Kind = row.ID, row.Kind
			mails = append(mails, job)
		}
		for _, job := range thrice(mails) {
			if err := service.Handle(t.Context(), job); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "mail", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := db.Deliveries(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string]int{}
	for _, d := range list {
		if d.State == store.Sent && d.Kind != "" && d.Attempts == 1 {
			sent[d.Kind+" "+d.Recipient]++
		}
	}
	if len(mails) != 9 || len(files) != 9 || len(sent) != 9 {
		t.Errorf("%d mails ordered, %d files, sent once: %v", len(mails), len(files), sent)
	}
}

// thrice is every element three times, in some order.
func thrice[T any](list []T) []T {
	out := append(append(append([]T{}, list...), list...), list...)
	rand.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}
