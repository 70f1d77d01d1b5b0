package registration

import (
	"cmp"
	"slices"
	"time"

	"lyceum/server/event"
)

// Facts is what the store knows about an applicant at the moment of deciding.
type Facts struct {
	Existing *Registration // this person's registration for the event that is not cancelled, or nil
	Banned   bool
	Now      time.Time
}

// Decision is what becomes of an application.
type Decision struct {
	Registration Registration
	Created      bool   // whether Registration must be written
	Mail         string // kind of mail to send
	Shown        Answer // what the applicant is told; the mail knows more
}

// Answer is what an applicant is told. It depends on the event alone: were it to
// depend on the person, anybody could ask who is registered by typing addresses.
type Answer struct {
	Status   Status // Confirmed or Waitlisted
	Position int    // place on the waitlist from 1, or 0
}

// Outcome says what an application changed.
type Outcome string

// The outcomes of an application.
const (
	Created  Outcome = "created"  // a claim was made now
	Existed  Outcome = "existed"  // the person had one; only a mail goes out
	Replayed Outcome = "replayed" // the Idempotency-Key was seen before; nothing happened
)

// Registered is a registration together with how it came about.
type Registered struct {
	Registration
	Outcome Outcome
	Shown   Answer // for a replay, what was shown the first time
}

// answerNow is what a person nobody knows gets at this moment.
func answerNow(e event.Event) Answer {
	if e.SeatsLeft() == 0 || e.Waiting > 0 { // nobody overtakes those who wait
		return Answer{Status: Waitlisted, Position: e.Waiting + 1}
	}
	return Answer{Status: Confirmed}
}

// Decide says what a person who applies for a seat gets. The event must be read
// under the lock that keeps its seats, id must be a new UUID. A person already
// registered keeps what they have and is mailed their link again; a banned one
// takes no seat. The error is ErrClosed once the event is over or cancelled.
func Decide(e event.Event, f Facts, a Applicant, id, person string) (Decision, error) {
	if e.Status != event.Scheduled || e.Over(f.Now) {
		return Decision{}, ErrClosed
	}
	shown := answerNow(e)
	r := Registration{
		ID: id, EventID: e.ID, Name: a.Name, Email: a.Email, Person: person,
		Generation: 1, CreatedAt: f.Now.UTC().Truncate(time.Microsecond),
	}
	if old := f.Existing; old != nil {
		switch {
		case f.Banned: // a link to a door that stays shut helps nobody
			return Decision{Registration: *old, Mail: MailRefused, Shown: shown}, nil
		case old.Status != Refused:
			return Decision{Registration: *old, Mail: MailAgain, Shown: shown}, nil
		}
		r.ID, r.Generation = old.ID, old.Generation+1 // the ban has ended: a fresh claim
	}
	mail := MailRegistration
	if r.Status, r.Position = shown.Status, shown.Position; r.Status == Waitlisted {
		mail = MailWaitlisted
	}
	if f.Banned {
		r.Status, mail = Refused, MailRefused
	}
	return Decision{Registration: r, Created: true, Mail: mail, Shown: shown}, nil
}

// Promote says who on the waitlist gets the event's free seats: the first by
// position, as many as there are seats. The result holds them as confirmed, in
// order; a cancelled event promotes nobody.
func Promote(e event.Event, waiting []Registration) []Registration {
	if e.Status != event.Scheduled {
		return nil
	}
	queue := slices.DeleteFunc(slices.Clone(waiting), func(r Registration) bool { return r.Status != Waitlisted })
	slices.SortStableFunc(queue, func(a, b Registration) int { return cmp.Compare(a.Position, b.Position) })
	queue = queue[:min(len(queue), e.SeatsLeft())]
	for i := range queue {
		queue[i].Status, queue[i].Position = Confirmed, 0
	}
	return queue
}
