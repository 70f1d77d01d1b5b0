package store

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"lyceum/server/staff"
	"lyceum/server/store/sqlgen"
)

// mailSignIn is the outbox kind of a sign-in link. The row carries the staff id;
// whoever renders the mail mints the code with AddSignInCode.
const mailSignIn = "mail.sign-in"

// AddStaff writes a person with a login. An address that is already there keeps
// its id and takes the new name and rights.
func (s *Store) AddStaff(ctx context.Context, p staff.Staff) error {
	return s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		return fail("add staff "+p.ID, q.SaveStaff(ctx, sqlgen.SaveStaffParams{
			ID: p.ID, Email: p.Email, EmailFolded: folded(p.Email), Name: p.Name, Person: p.Person, Rights: fromRights(p.Rights),
		}))
	})
}

// StaffByEmail finds a person by address in any case, or staff.ErrNotFound.
func (s *Store) StaffByEmail(ctx context.Context, email string) (staff.Staff, error) {
	if !storable(email) {
		return staff.Staff{}, staff.ErrNotFound
	}
	row, err := s.read.StaffByEmail(ctx, folded(email))
	if err != nil {
		return staff.Staff{}, missing("find staff by address", err, staff.ErrNotFound)
	}
	return toStaff(row), nil
}

// StaffByID returns a person, or staff.ErrNotFound.
func (s *Store) StaffByID(ctx context.Context, id string) (staff.Staff, error) {
	row, err := s.read.StaffByID(ctx, id)
	if err != nil {
		return staff.Staff{}, missing("read staff "+id, err, staff.ErrNotFound)
	}
	return toStaff(row), nil
}

// RequestSignIn puts a sign-in mail for a known address into the outbox. An
// unknown address gets the same nil. The limit on mails to one address holds here
// too.
func (s *Store) RequestSignIn(ctx context.Context, email string, now time.Time) error {
	if !storable(email) {
		return nil
	}
	return s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		row, err := q.StaffByEmail(ctx, folded(email))
		switch {
		case classify(err) == absent:
			return nil
		case err != nil:
			return fail("find staff by address", err)
		}
		recipient := row.Person
		if recipient == "" {
			recipient = "staff:" + row.ID
		}
		return enqueue(ctx, q, mailSignIn, payload{Staff: row.ID}, recipient, now)
	})
}

// AddSignInCode stores the hash of a code that lets a person sign in once, until
// expires. The code itself is never stored.
func (s *Store) AddSignInCode(ctx context.Context, staffID string, codeHash []byte, expires time.Time) error {
	return s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		return fail("add a sign-in code for staff "+staffID, q.AddSignInCode(ctx, sqlgen.AddSignInCodeParams{
			CodeHash: hex.EncodeToString(codeHash), StaffID: staffID, ExpiresAt: stamp(expires),
		}))
	})
}

// RedeemSignInCode uses a code up and opens a session that lasts until expires.
// An unknown, used or old code is staff.ErrCodeRefused.
func (s *Store) RedeemSignInCode(ctx context.Context, codeHash, sessionHash []byte, now, expires time.Time) (staff.Staff, error) {
	var who staff.Staff
	err := s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		id, err := q.TakeSignInCode(ctx, sqlgen.TakeSignInCodeParams{CodeHash: hex.EncodeToString(codeHash), ExpiresAt: stamp(now)})
		if err != nil {
			return missing("take a sign-in code", err, staff.ErrCodeRefused)
		}
		err = q.AddStaffSession(ctx, sqlgen.AddStaffSessionParams{
			SessionHash: hex.EncodeToString(sessionHash), StaffID: id, CreatedAt: stamp(now), ExpiresAt: stamp(expires),
		})
		if err != nil {
			return fail("open a session for staff "+id, err)
		}
		row, err := q.StaffByID(ctx, id)
		who = toStaff(row)
		return fail("read staff "+id, err)
	})
	if err != nil {
		return staff.Staff{}, err
	}
	return who, nil
}

// StaffSession returns whose session it is, or staff.ErrSignedOut.
func (s *Store) StaffSession(ctx context.Context, sessionHash []byte, now time.Time) (staff.Staff, error) {
	row, err := s.read.StaffOfSession(ctx, sqlgen.StaffOfSessionParams{
		SessionHash: hex.EncodeToString(sessionHash), ExpiresAt: stamp(now),
	})
	if err != nil {
		return staff.Staff{}, missing("read a staff session", err, staff.ErrSignedOut)
	}
	return toStaff(row), nil
}

// EndStaffSession signs a person out. A session that is not there is no error.
func (s *Store) EndStaffSession(ctx context.Context, sessionHash []byte) error {
	return s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		return fail("end a staff session", q.EndStaffSession(ctx, hex.EncodeToString(sessionHash)))
	})
}

// folded is the form of an address that is compared. SQLite's lower() knows ASCII
// only, so Go does it.
func folded(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
