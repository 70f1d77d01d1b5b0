// Package journal is the durable record of what happened in rooms, as an
// interface: server/store implements it in SQL without knowing this package, and
// [Memory] is a second implementation for tests that passes the same suite
// (journaltest).
//
// The journal is the truth. Redis is a faster copy of the end of it, and a
// running room is a copy in memory; both may vanish at any moment. Only plain
// types pass through, so that neither side imports the other. An entry's version
// is the event's, versions have gaps (not every event is journalled) and an entry
// may arrive late, after ones with higher versions, when its first attempt
// failed.
package journal

import (
	"context"
	"errors"
	"time"
)

// Site is the scope of a ban from every room. Event ids are never that short.
const Site = "site"

// Journal keeps entries of rooms and bans of persons. All methods are safe for
// concurrent use and end when ctx does.
type Journal interface {
	// AppendRoom records one event durably before it returns nil. A version that
	// the room already has is refused with an error for which [IsConflict] holds.
	AppendRoom(ctx context.Context, room string, version uint64, at time.Time, kind, subject string, data []byte) error
	// RoomEntries calls each for the room's entries with a version above after,
	// in order, and stops with the first error that each returns.
	RoomEntries(ctx context.Context, room string, after uint64, each func(version uint64, at time.Time, kind, subject string, data []byte) error) error
	// BanPerson keeps a person out of a scope (an event's id, or Site) until a time.
	// Doing it again replaces the end.
	BanPerson(ctx context.Context, scope, person string, at, until time.Time) error
	// NameBan keeps, with a ban that exists, for those who may lift it: the room it
	// was given in, the person's name and that of who gave it, as shown then.
	NameBan(ctx context.Context, scope, person, room, name, by string) error
	// PersonBanned reports whether a ban holds at now.
	PersonBanned(ctx context.Context, scope, person string, now time.Time) (bool, error)
}

// IsConflict reports whether an append was refused because the version exists.
func IsConflict(err error) bool {
	var c interface{ Conflict() bool }
	return errors.As(err, &c) && c.Conflict()
}
