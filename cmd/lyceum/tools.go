package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"lyceum/rooms"
	"lyceum/rooms/token"
	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/staff"
	"lyceum/server/store"
	"lyceum/server/web"
)

// parse reads flags and at most one word, which may stand before them.
func parse(flags *flag.FlagSet, args []string) (word string, err error) {
	flags.SetOutput(io.Discard)
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		word, args = args[0], args[1:]
	}
	if err := flags.Parse(args); err != nil {
		return "", misused("%v. Run lyceum help.", err)
	}
	if flags.NArg() > 0 {
		return "", misused("%q is one word too many. Run lyceum help.", flags.Arg(0))
	}
	return word, nil
}

func staffCommand(ctx context.Context, t *toolbox, c console, args []string) error {
	if len(args) < 2 || args[0] != "add" {
		return misused("write: lyceum staff add EMAIL --right admin")
	}
	flags := flag.NewFlagSet("staff add", flag.ContinueOnError)
	right := flags.String("right", "admin", "")
	name := flags.String("name", "", "")
	address, err := parse(flags, args[1:])
	if err != nil {
		return err
	}
	granted, known := staff.ParseRight(*right)
	if !known {
		return misused("there is no right %q. Choose one of %v.", *right, staff.Rights())
	}
	if *name == "" {
		*name, _, _ = strings.Cut(address, "@")
	}
	applicant, err := registration.Parse(*name, address)
	if err != nil {
		return misused("%q cannot be a member of staff's mail address or name.", address)
	}
	keys, err := t.secret(true)
	if err != nil {
		return err
	}
	person := registration.Keys{Site: keys.Site}.Person(applicant.Email)
	link, err := addStaff(ctx, t.store, staff.Staff{ID: uuid.Must(uuid.NewV7()).String(), Email: applicant.Email, Name: applicant.Name, Person: person, Rights: []staff.Right{granted}}, t.now())
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out, link)
	fmt.Fprintln(c.err, "Put your site's address before it. It signs in once, within a day.")
	return nil
}

// addStaff adds a member of staff, or finds the one with that address, and
// answers the path that signs them in once, within a day.
func addStaff(ctx context.Context, db *store.Store, member staff.Staff, now time.Time) (string, error) {
	known, err := db.StaffByEmail(ctx, member.Email)
	if errors.Is(err, staff.ErrNotFound) {
		known, err = member, db.AddStaff(ctx, member)
	}
	if err != nil {
		return "", err
	}
	code := rand.Text()
	if err := db.AddSignInCode(ctx, known.ID, web.HashSecret(code), now.Add(24*time.Hour)); err != nil {
		return "", err
	}
	return "/staff/sign-in#" + code, nil
}

func tokenCommand(ctx context.Context, t *toolbox, c console, args []string) error {
	flags := flag.NewFlagSet("token", flag.ContinueOnError)
	eventID := flags.String("event", "", "")
	role := flags.String("role", "attendee", "")
	name := flags.String("name", "Guest", "")
	life := flags.Duration("ttl", tokenLife, "")
	count := flags.Int("count", 1, "")
	if _, err := parse(flags, args); err != nil {
		return err
	}
	if *eventID == "" || *count < 1 || *count > 10000 {
		return misused("write: lyceum token --event ID --role host [--name N] [--ttl 1h] [--count 1 to 10000]")
	}
	if !rooms.Role(*role).Known() {
		return misused("there is no role %q. Choose host, co-host, speaker, captioner or attendee.", *role)
	}
	found, err := t.store.Event(ctx, *eventID)
	if errors.Is(err, event.ErrNotFound) {
		return refuse("there is no event %s. lyceum event add prints the id of the one it makes.", *eventID)
	} else if err != nil {
		return err
	}
	s, err := t.secret(true)
	if err != nil {
		return err
	}
	minter := token.NewMinter(s.issuer(), s.signing(t.now()), t.now)
	for range *count {
		id := uuid.Must(uuid.NewV7()).String()
		text, err := minter.Mint(token.Claims{Participant: id, Name: *name, Person: "token-" + id, Room: found.ID, Role: rooms.Role(*role)}, *life)
		if err != nil {
			return err
		}
		fmt.Fprintln(c.out, text)
	}
	return nil
}
