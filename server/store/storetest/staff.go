package storetest

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"lyceum/server/staff"
)

func staffCases() []testCase {
	return []testCase{
		{"staff are found by id and by address in any case", staffFound},
		{"adding an address again keeps the id and replaces the rights", staffAgain},
		{"a sign-in request of a known address writes one mail with the staff id", signInMail},
		{"a sign-in request of an unknown address looks the same and writes nothing", signInUnknown},
		{"a code signs one device in, however many try", codeOnce},
		{"a code ends, and a code nobody gave out is refused", codeEnds},
		{"a session ends by time and by signing out", sessionEnds},
	}
}

func (f *fixture) staff(email string) staff.Staff {
	f.Helper()
	p := staff.Staff{
		ID: uuid.NewString(), Email: email, Name: "The Librarian", Person: f.keys.Person(email),
		Rights: []staff.Right{staff.Admin, staff.Host},
	}
	f.must(f.s.AddStaff(f.ctx, p))
	return p
}

func hashed(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}

func staffFound(f *fixture) {
	want := f.staff("Desk@Library.example")
	byID, err := f.s.StaffByID(f.ctx, want.ID)
	f.must(err)
	byEmail, err := f.s.StaffByEmail(f.ctx, " desk@LIBRARY.example")
	f.must(err)
	for _, got := range []staff.Staff{byID, byEmail} {
		if diff := cmp.Diff(want, got); diff != "" {
			f.Errorf("staff (-want +got):\n%s", diff)
		}
	}
	if _, err := f.s.StaffByID(f.ctx, "nobody"); !errors.Is(err, staff.ErrNotFound) {
		f.Errorf("unknown id: %v", err)
	}
	if _, err := f.s.StaffByEmail(f.ctx, "nobody@library.example"); !errors.Is(err, staff.ErrNotFound) {
		f.Errorf("unknown address: %v", err)
	}
}

func staffAgain(f *fixture) {
	first := f.staff("desk@library.example")
	again := first
	again.ID, again.Rights = uuid.NewString(), []staff.Right{staff.Viewer}
	f.must(f.s.AddStaff(f.ctx, again))
	got, err := f.s.StaffByEmail(f.ctx, first.Email)
	f.must(err)
	if got.ID != first.ID || got.May(staff.EventWrite) {
		f.Errorf("staff %+v", got)
	}
}

func signInMail(f *fixture) {
	p := f.staff("desk@library.example")
	f.must(f.s.RequestSignIn(f.ctx, "Desk@library.example", now))
	rows := f.claim("a", now)
	if len(rows) != 1 || rows[0].Kind != "mail.sign-in" {
		f.Fatalf("rows %+v", rows)
	}
	var got map[string]string
	f.must(json.Unmarshal(rows[0].Payload, &got))
	if diff := cmp.Diff(map[string]string{"staff": p.ID}, got); diff != "" {
		f.Errorf("payload (-want +got):\n%s", diff)
	}
	for range 5 {
		f.must(f.s.RequestSignIn(f.ctx, p.Email, now))
	}
	if rest := f.claim("a", now); len(rest) != 2 {
		f.Errorf("%d more mails in the same hour", len(rest))
	}
}

func signInUnknown(f *fixture) {
	f.must(f.s.RequestSignIn(f.ctx, "nobody@library.example", now))
	if rows := f.claim("a", now); len(rows) != 0 {
		f.Errorf("rows %+v", rows)
	}
}

func codeOnce(f *fixture) {
	p := f.staff("desk@library.example")
	f.must(f.s.AddSignInCode(f.ctx, p.ID, hashed("code"), now.Add(time.Minute)))
	var in atomic.Int64
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			who, err := f.s.RedeemSignInCode(f.ctx, hashed("code"), hashed(fmt.Sprint("session", i)), now, now.Add(time.Hour))
			switch {
			case err == nil && who.ID == p.ID:
				in.Add(1)
			case !errors.Is(err, staff.ErrCodeRefused):
				f.Errorf("redeem: %v", err)
			}
		})
	}
	wg.Wait()
	sessions := 0
	for i := range 20 {
		if who, err := f.s.StaffSession(f.ctx, hashed(fmt.Sprint("session", i)), now); err == nil && who.ID == p.ID {
			sessions++
		}
	}
	if in.Load() != 1 || sessions != 1 {
		f.Errorf("%d signed in, %d sessions", in.Load(), sessions)
	}
}

func codeEnds(f *fixture) {
	p := f.staff("desk@library.example")
	f.must(f.s.AddSignInCode(f.ctx, p.ID, hashed("code"), now.Add(time.Minute)))
	redeem := func(code string, at time.Time) error {
		_, err := f.s.RedeemSignInCode(f.ctx, hashed(code), hashed("session"), at, at.Add(time.Hour))
		return err
	}
	if err := redeem("code", now.Add(time.Minute)); !errors.Is(err, staff.ErrCodeRefused) {
		f.Errorf("too late: %v", err)
	}
	if err := redeem("guess", now); !errors.Is(err, staff.ErrCodeRefused) {
		f.Errorf("a guess: %v", err)
	}
	f.must(redeem("code", now))
	if err := f.s.AddSignInCode(f.ctx, "nobody", hashed("code"), now); err == nil {
		f.Error("a code for nobody was stored")
	}
}

func sessionEnds(f *fixture) {
	p := f.staff("desk@library.example")
	for _, code := range []string{"one", "two"} {
		f.must(f.s.AddSignInCode(f.ctx, p.ID, hashed(code), now.Add(time.Minute)))
		_, err := f.s.RedeemSignInCode(f.ctx, hashed(code), hashed("session "+code), now, now.Add(time.Hour))
		f.must(err)
	}
	if _, err := f.s.StaffSession(f.ctx, hashed("session one"), now.Add(time.Hour)); !errors.Is(err, staff.ErrSignedOut) {
		f.Errorf("after its end: %v", err)
	}
	f.must(f.s.EndStaffSession(f.ctx, hashed("session one")))
	f.must(f.s.EndStaffSession(f.ctx, hashed("session one")))
	if _, err := f.s.StaffSession(f.ctx, hashed("session one"), now); !errors.Is(err, staff.ErrSignedOut) {
		f.Errorf("after signing out: %v", err)
	}
	f.must(f.s.Sweep(f.ctx, now.Add(time.Minute)))
	_, err := f.s.StaffSession(f.ctx, hashed("session two"), now)
	f.must(err)
}
