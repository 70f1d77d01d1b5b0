package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/google/uuid"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/store/sqlgen"
)

// keysKept is how long an Idempotency-Key is remembered.
const keysKept = 24 * time.Hour

// RegisterInput is one application for a seat.
type RegisterInput struct {
	EventID        string
	Applicant      registration.Applicant
	Person         string // registration.Keys.Person of the address
	IdempotencyKey string // may be ""; scoped to the event and the applicant
	Now            time.Time
}

// Register decides an application and writes what follows from it, all in one
// transaction: the registration, its mail in the outbox, the idempotency key. A
// person already registered gets the registration they have; the outcome tells, and
// only Shown may be told to who asked. Errors: event.ErrNotFound,
// registration.ErrClosed, registration.ErrKeyReused.
func (s *Store) Register(ctx context.Context, in RegisterInput) (registration.Registered, error) {
	in.Now = stamp(in.Now)
	id, err := uuid.NewRandom() // version 4: a time inside would tell new from old registrations
	if err != nil {
		return registration.Registered{}, fail("make a registration id", err)
	}
	var out registration.Registered
	err = s.write(ctx, in.EventID, func(ctx context.Context, q *sqlgen.Queries) (err error) {
		out, err = register(ctx, q, in, id.String())
		return err
	})
	if err != nil {
		return registration.Registered{}, err
	}
	return out, nil
}

func register(ctx context.Context, q *sqlgen.Queries, in RegisterInput, id string) (registration.Registered, error) {
	var none registration.Registered
	e, err := lockEvent(ctx, q, in.EventID)
	if err != nil {
		return none, err
	}
	if earlier, err := replay(ctx, q, in); err != nil || earlier.ID != "" {
		return earlier, err
	}
	facts, err := factsAbout(ctx, q, in)
	if err != nil {
		return none, err
	}
	d, err := registration.Decide(e, facts, in.Applicant, id, in.Person)
	if err != nil {
		return none, err
	}
	if d.Created {
		if err := saveRegistration(ctx, q, e, d.Registration); err != nil {
			return none, err
		}
	}
	// Whoever types an address makes us write to it, so these mails are the ones
	// that fall away once an address had its share.
	if err := mailAbout(ctx, q, d.Mail, d.Registration, in.Now); err != nil {
		return none, err
	}
	done := registration.Registered{Registration: d.Registration, Outcome: registration.Existed, Shown: d.Shown}
	if d.Created {
		done.Outcome = registration.Created
	}
	return done, saveKey(ctx, q, in, done)
}

// factsAbout reads what Decide must know about the applicant.
func factsAbout(ctx context.Context, q *sqlgen.Queries, in RegisterInput) (registration.Facts, error) {
	facts := registration.Facts{Now: in.Now}
	banned, err := shutOut(ctx, q, in.EventID, in.Person, in.Now)
	if err != nil {
		return facts, err
	}
	facts.Banned = banned
	row, err := q.ClaimOfPerson(ctx, sqlgen.ClaimOfPersonParams{EventID: in.EventID, Person: in.Person})
	if classify(err) == absent {
		return facts, nil
	}
	if err != nil {
		return facts, fail("look for an earlier registration", err)
	}
	existing, err := withPosition(ctx, q, row)
	facts.Existing = &existing
	return facts, err
}

// saveRegistration writes a decided registration and counts its seat. The event's
// version, raised by lockEvent, is the place in the queue.
func saveRegistration(ctx context.Context, q *sqlgen.Queries, e event.Event, r registration.Registration) error {
	err := q.SaveRegistration(ctx, sqlgen.SaveRegistrationParams{
		ID: r.ID, EventID: r.EventID, Name: r.Name, Email: r.Email, Person: r.Person, Status: string(r.Status),
		Queue: e.Version, ShownPosition: int64(r.Position), Generation: int64(r.Generation), CreatedAt: stamp(r.CreatedAt),
	})
	if err != nil {
		return fail("save registration", err)
	}
	seats, places := held(r.Status)
	err = q.CountSeats(ctx, sqlgen.CountSeatsParams{ID: e.ID, Seats: seats, Places: places})
	return fail("count the seats of event "+e.ID, err)
}

// held is how many seats and waitlist places a registration of that status takes.
func held(s registration.Status) (seats, places int64) {
	switch s {
	case registration.Confirmed:
		return 1, 0
	case registration.Waitlisted:
		return 0, 1
	}
	return 0, 0
}

// replay returns the registration an Idempotency-Key stands for, or none.
func replay(ctx context.Context, q *sqlgen.Queries, in RegisterInput) (registration.Registered, error) {
	var none registration.Registered
	if in.IdempotencyKey == "" {
		return none, nil
	}
	key, err := q.GetIdempotencyKey(ctx, sqlgen.GetIdempotencyKeyParams{
		EventID: in.EventID, KeyHash: hash(in.IdempotencyKey), CreatedAt: in.Now.Add(-keysKept),
	})
	if classify(err) == absent {
		return none, nil
	}
	if err != nil {
		return none, fail("look up an idempotency key", err)
	}
	if key.BodyHash != bodyHash(in) {
		return none, registration.ErrKeyReused
	}
	row, err := q.GetRegistration(ctx, key.RegistrationID)
	if err != nil {
		return none, fail("read registration "+key.RegistrationID, err)
	}
	r, err := withPosition(ctx, q, row)
	shown := registration.Answer{Status: registration.Status(key.ShownStatus), Position: int(key.ShownPosition)}
	return registration.Registered{Registration: r, Outcome: registration.Replayed, Shown: shown}, err
}

func saveKey(ctx context.Context, q *sqlgen.Queries, in RegisterInput, done registration.Registered) error {
	if in.IdempotencyKey == "" {
		return nil
	}
	return fail("save an idempotency key", q.SaveIdempotencyKey(ctx, sqlgen.SaveIdempotencyKeyParams{
		EventID: in.EventID, KeyHash: hash(in.IdempotencyKey), BodyHash: bodyHash(in), RegistrationID: done.ID, CreatedAt: in.Now,
		ShownStatus: string(done.Shown.Status), ShownPosition: int64(done.Shown.Position),
	}))
}

// bodyHash stands for what was sent; neither field can contain a NUL.
func bodyHash(in RegisterInput) string {
	return hash(in.Applicant.Name + "\x00" + in.Applicant.Email)
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
