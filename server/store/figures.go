package store

import "context"

// Figures are counts of what is kept, for whoever watches over the site. They
// name nobody.
type Figures struct {
	Registrations map[string]int64    // by status
	Deliveries    map[[2]string]int64 // by channel and state
	Waiting       int64               // outbox rows that nobody has relayed yet
}

// Figures counts. It reads whole tables: ask once a quarter of a minute, not more.
func (s *Store) Figures(ctx context.Context) (Figures, error) {
	out := Figures{Registrations: map[string]int64{}, Deliveries: map[[2]string]int64{}}
	registrations, err := s.read.CountRegistrations(ctx)
	if err != nil {
		return Figures{}, fail("count registrations", err)
	}
	for _, row := range registrations {
		out.Registrations[row.Status] = row.N
	}
	deliveries, err := s.read.CountDeliveries(ctx)
	if err != nil {
		return Figures{}, fail("count deliveries", err)
	}
	for _, row := range deliveries {
		out.Deliveries[[2]string{row.Channel, row.State}] = row.N
	}
	out.Waiting, err = s.read.CountOutbox(ctx)
	return out, fail("count the outbox", err)
}
