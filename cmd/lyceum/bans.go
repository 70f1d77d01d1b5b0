package main

import (
	"context"
	"time"

	"lyceum/rooms/live"
	"lyceum/server/store"
	"lyceum/server/web"
)

// bans shows the website what hosts decided, and lifts it in the room as well.
type bans struct {
	store *store.Store
	hub   *live.Hub
}

func (b bans) Bans(ctx context.Context, now time.Time, limit int) ([]web.Ban, error) {
	rows, err := b.store.Bans(ctx, now, limit)
	shown := make([]web.Ban, len(rows))
	for i, r := range rows {
		shown[i] = web.Ban{
			Scope: r.Scope, Person: r.Person, Room: r.Room, EventTitle: r.EventTitle, Name: r.Name, By: r.By, At: r.At, Until: r.Until,
		}
	}
	return shown, err
}

func (b bans) Lift(ctx context.Context, ban web.Ban) error {
	return b.hub.Lift(ctx, ban.Scope, ban.Room, ban.Person)
}
