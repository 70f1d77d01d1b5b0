package store

import (
	"context"
	"time"

	"lyceum/server/store/sqlgen"
)

// siteScope is the scope of a ban from every event.
const siteScope = "site"

// Ban is a ban that holds: whom it is about and who gave it, by the names shown
// then, and the event in whose room that was.
type Ban struct {
	Scope, Person  string
	At, Until      time.Time
	Room, Name, By string
	EventTitle     string
}

// Bans lists the bans that hold at now, newest first.
func (s *Store) Bans(ctx context.Context, now time.Time, limit int) ([]Ban, error) {
	rows, err := s.read.Bans(ctx, sqlgen.BansParams{Now: stamp(now), Most: int64(limit)})
	if err != nil {
		return nil, fail("list bans", err)
	}
	out := make([]Ban, 0, len(rows))
	for _, r := range rows {
		b := Ban{
			Scope: r.Scope, Person: r.Person, At: r.BannedAt.UTC(), Until: r.BannedUntil.UTC(),
			Room: r.Room, Name: r.Name, By: r.BannedBy, EventTitle: r.EventTitle,
		}
		if b.Room == "" { // given before rooms were written down
			b.Room = b.Scope
		}
		out = append(out, b)
	}
	return out, nil
}

// NameBan adds to a ban the room it was given in and the names shown then. Without
// a ban it does nothing.
func (s *Store) NameBan(ctx context.Context, scope, person, room, name, by string) error {
	return s.write(ctx, scope, func(ctx context.Context, q *sqlgen.Queries) error {
		err := q.NameBan(ctx, sqlgen.NameBanParams{Room: room, Name: name, BannedBy: by, Scope: scope, Person: person})
		return fail("name a ban from "+scope, err)
	})
}

// shutOut reports whether a person is banned from the event or from the site.
func shutOut(ctx context.Context, q *sqlgen.Queries, eventID, person string, now time.Time) (bool, error) {
	for _, scope := range []string{eventID, siteScope} {
		n, err := q.PersonBanned(ctx, sqlgen.PersonBannedParams{Scope: scope, Person: person, BannedUntil: now})
		if err != nil || n > 0 {
			return n > 0, fail("look for a ban", err)
		}
	}
	return false, nil
}
