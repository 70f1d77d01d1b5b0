package registration_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lyceum/server/event"
	"lyceum/server/registration"
)

var now = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)

func talk(capacity, taken, waiting int) event.Event {
	return event.Event{
		ID: "e", Status: event.Scheduled, StartsAt: now.Add(time.Hour), EndsAt: now.Add(2 * time.Hour),
		Capacity: capacity, Taken: taken, Waiting: waiting,
	}
}

// What an applicant gets follows from the event and from what is known of the person.
func TestDecide(t *testing.T) {
	cancelled, over := talk(5, 0, 0), talk(5, 0, 0)
	cancelled.Status = event.Cancelled
	over.EndsAt = now
	seated := &registration.Registration{ID: "old", Status: registration.Confirmed, Generation: 1}
	waits := &registration.Registration{ID: "old", Status: registration.Waitlisted, Position: 4, Generation: 1}
	refused := &registration.Registration{ID: "old", Status: registration.Refused, Generation: 1}
	rows := []struct {
		name     string
		e        event.Event
		existing *registration.Registration
		banned   bool

		id       string
		status   registration.Status
		position int
		created  bool
		mail     string
		err      error
	}{
		{"a free seat is confirmed", talk(5, 4, 0), nil, false, "new", "confirmed", 0, true, "mail.registration", nil},
		{"a full event has a waitlist", talk(5, 5, 2), nil, false, "new", "waitlisted", 3, true, "mail.waitlisted", nil},
		{"nobody overtakes who waits", talk(5, 4, 2), nil, false, "new", "waitlisted", 3, true, "mail.waitlisted", nil},
		{"who is seated gets the link again", talk(5, 5, 0), seated, false, "old", "confirmed", 0, false, "mail.again", nil},
		{"who waits gets the link again", talk(5, 5, 9), waits, false, "old", "waitlisted", 4, false, "mail.again", nil},
		{"a banned person is refused", talk(5, 0, 0), nil, true, "new", "refused", 0, true, "mail.refused", nil},
		{"a banned person is refused at a full event", talk(5, 5, 1), nil, true, "new", "refused", 2, true, "mail.refused", nil},
		{"a refused person is refused again", talk(5, 0, 0), refused, true, "old", "refused", 0, false, "mail.refused", nil},
		{"a person banned after registering is told so", talk(5, 1, 0), seated, true, "old", "confirmed", 0, false, "mail.refused", nil},
		{"a ban that ended makes room", talk(5, 0, 0), refused, false, "old", "confirmed", 0, true, "mail.registration", nil},
		{"a cancelled event is closed", cancelled, nil, false, "", "", 0, false, "", registration.ErrClosed},
		{"an event that is over is closed", over, seated, false, "", "", 0, false, "", registration.ErrClosed},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			facts := registration.Facts{Existing: row.existing, Banned: row.banned, Now: now}
			d, err := registration.Decide(row.e, facts, registration.Applicant{Name: "n", Email: "m"}, "new", "p")
			r := d.Registration
			if !errors.Is(err, row.err) || r.ID != row.id || r.Status != row.status || r.Position != row.position ||
				d.Created != row.created || d.Mail != row.mail {
				t.Errorf("decision %+v, error %v", d, err)
			}
		})
	}
}

// What is shown is what a stranger would get now, whoever applies.
func TestTheAnswerDependsOnTheEventAlone(t *testing.T) {
	for _, row := range []struct {
		e    event.Event
		want registration.Answer
	}{
		{talk(5, 3, 0), registration.Answer{Status: registration.Confirmed}},
		{talk(5, 5, 0), registration.Answer{Status: registration.Waitlisted, Position: 1}},
		{talk(5, 5, 2), registration.Answer{Status: registration.Waitlisted, Position: 3}},
		{talk(5, 4, 2), registration.Answer{Status: registration.Waitlisted, Position: 3}},
	} {
		for _, old := range []*registration.Registration{
			nil, {Status: registration.Confirmed}, {Status: registration.Waitlisted, Position: 1}, {Status: registration.Refused},
		} {
			for _, banned := range []bool{false, true} {
				facts := registration.Facts{Existing: old, Banned: banned, Now: now}
				d, err := registration.Decide(row.e, facts, registration.Applicant{}, "new", "p")
				if err != nil || d.Shown != row.want {
					t.Errorf("%d of %d taken, %d waiting, existing %+v, banned %v: shown %+v, %v", row.e.Taken, row.e.Capacity, row.e.Waiting, old, banned, d.Shown, err)
				}
			}
		}
	}
}

func TestPromote(t *testing.T) {
	queue := []registration.Registration{
		{ID: "c", Status: registration.Waitlisted, Position: 3},
		{ID: "x", Status: registration.Cancelled},
		{ID: "a", Status: registration.Waitlisted, Position: 1},
		{ID: "b", Status: registration.Waitlisted, Position: 2},
	}
	off := talk(5, 3, 3)
	off.Status = event.Cancelled
	rows := []struct {
		name string
		e    event.Event
		want []string
	}{
		{"the first waitlisted patron is promoted when a seat frees", talk(5, 4, 3), []string{"a"}},
		{"two seats promote two, in order", talk(5, 3, 3), []string{"a", "b"}},
		{"more seats than people promote all", talk(9, 0, 3), []string{"a", "b", "c"}},
		{"a full event promotes nobody", talk(5, 5, 3), nil},
		{"a cancelled event promotes nobody", off, nil},
	}
	for _, row := range rows {
		var got []string
		for _, r := range registration.Promote(row.e, queue) {
			got = append(got, r.ID)
			if r.Status != registration.Confirmed || r.Position != 0 {
				t.Errorf("%s: promoted %+v", row.name, r)
			}
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.name, diff)
		}
	}
	if queue[0].ID != "c" || queue[0].Status != registration.Waitlisted {
		t.Error("Promote changed its argument")
	}
}

// Any sequence of applications and cancellations keeps three promises: no more
// seats than capacity, first come first served, and no free seat while somebody
// waits. The model is a plain list of who is in, in order of arrival.
func TestSeatsUnderAnySequence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := talk(rapid.IntRange(1, 4).Draw(t, "capacity"), 0, 0)
		rows := map[string]*registration.Registration{}
		var arrived []string // persons with a claim, oldest first
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			person := rapid.SampledFrom([]string{"a", "b", "c", "d", "f", "g", "h", "i"}).Draw(t, "person")
			old := rows[person]
			if old == nil || rapid.Bool().Draw(t, "apply") {
				d, err := registration.Decide(e, registration.Facts{Existing: old, Now: now}, registration.Applicant{}, person, person)
				if err != nil {
					t.Fatal(err)
				}
				if d.Created != (old == nil) {
					t.Fatalf("created %v, but existing is %v", d.Created, old)
				}
				if d.Created {
					rows[person] = &d.Registration
					arrived = append(arrived, person)
				}
			} else {
				delete(rows, person)
				arrived = without(arrived, person)
				recount(&e, rows, arrived)
				for _, r := range registration.Promote(e, waitlist(rows)) {
					*rows[r.ID] = r
				}
			}
			recount(&e, rows, arrived)
			if e.Taken != min(len(arrived), e.Capacity) {
				t.Fatalf("%d of %d seats taken by %d people", e.Taken, e.Capacity, len(arrived))
			}
			for i, p := range arrived {
				if seated := rows[p].Seated(); seated != (i < e.Capacity) {
					t.Fatalf("%s came as number %d and is %s", p, i+1, rows[p].Status)
				}
				if !rows[p].Seated() && rows[p].Position != i-e.Capacity+1 {
					t.Fatalf("%s is at position %d, want %d", p, rows[p].Position, i-e.Capacity+1)
				}
			}
		}
	})
}

// recount does what the store does: counts seats and numbers the waitlist.
func recount(e *event.Event, rows map[string]*registration.Registration, arrived []string) {
	e.Taken, e.Waiting = 0, 0
	for _, p := range arrived {
		if rows[p].Status == registration.Confirmed {
			e.Taken++
			continue
		}
		e.Waiting++
		rows[p].Position = e.Waiting
	}
}

func waitlist(rows map[string]*registration.Registration) []registration.Registration {
	var out []registration.Registration
	for _, r := range rows { // in no order: Promote must sort
		out = append(out, *r)
	}
	return out
}

func without(people []string, gone string) []string {
	var out []string
	for _, p := range people {
		if p != gone {
			out = append(out, p)
		}
	}
	return out
}
