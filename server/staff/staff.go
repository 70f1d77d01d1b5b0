// Package staff holds the people who work at the library and what each may do.
//
// Staff sign in; patrons never do. A person's rights are a short list, and one
// table in this package says which right allows which action, so that no handler
// decides for itself. The package knows nothing of codes, cookies or mail: those
// belong to the store and the web.
package staff

import (
	"errors"
	"slices"
)

// Right is one of the fixed rights a member of staff can hold.
type Right string

// The rights, from most to least.
const (
	Admin      Right = "admin"
	Programmer Right = "programmer"
	Host       Right = "host"
	Outreach   Right = "outreach"
	Viewer     Right = "viewer"
)

// Rights lists every right, most powerful first.
func Rights() []Right { return []Right{Admin, Programmer, Host, Outreach, Viewer} }

// ParseRight returns the right with that name, and false when there is none.
func ParseRight(name string) (Right, bool) {
	return Right(name), slices.Contains(Rights(), Right(name))
}

// The actions that need a right.
const (
	EventWrite       = "event.write"       // add and cancel events
	RegistrationRead = "registration.read" // see names and addresses of patrons
	OutboxRead       = "outbox.read"       // see what was mailed to whom
	RoomHost         = "room.host"         // enter a room as its host
	SocialWrite      = "social.write"      // connect social accounts and post to them
	StaffWrite       = "staff.write"       // add staff and give rights
	SiteWrite        = "site.write"        // what the library says about itself, and its mail
)

// Errors of this package; callers compare with errors.Is.
var (
	ErrNotFound    = errors.New("staff: not found")
	ErrCodeRefused = errors.New("staff: sign-in code refused") // unknown, used or too old: one answer for all
	ErrSignedOut   = errors.New("staff: signed out")           // session unknown, ended or too old
)

// Staff is a person with a login.
type Staff struct {
	ID     string
	Email  string
	Name   string
	Person string // keyed hash of the address, see registration.Keys
	Rights []Right
}

// May reports whether one of the person's rights allows the action. An action
// that is not in the table is allowed to nobody.
func (s Staff) May(action string) bool {
	return slices.ContainsFunc(s.Rights, func(r Right) bool { return slices.Contains(allowed(action), r) })
}

func allowed(action string) []Right {
	switch action {
	case EventWrite, RegistrationRead:
		return []Right{Admin, Programmer}
	case OutboxRead:
		return []Right{Admin, Programmer, Outreach}
	case SocialWrite:
		return []Right{Admin, Outreach}
	case RoomHost:
		return []Right{Admin, Programmer, Host}
	case StaffWrite, SiteWrite:
		return []Right{Admin}
	}
	return nil
}
