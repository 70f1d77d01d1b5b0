package store

import (
	"context"
	"fmt"
	"time"

	"lyceum/server/store/sqlgen"
)

// States of a delivery. Unknown means that an attempt began and nobody recorded
// how it ended; sending again may double the mail, under the same Message-ID.
const (
	Sending = "sending"
	Sent    = "sent"
	Failed  = "failed"
	Unknown = "unknown"
)

// Delivery is the record of sending one mail or post.
type Delivery struct {
	ID             string // the outbox row's id: one delivery for each
	Kind           string
	Channel        string // "email"
	Recipient      string
	Subject        string
	EventID        string
	RegistrationID string
	State          string
	Attempts       int
	Detail         string // what the receiving server said
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// BeginDelivery records that an attempt starts and returns the row as it stands.
// The first attempt is Sending; one after a failure too. After an attempt that
// never finished the state is Unknown. When the state is Sent, nothing was
// changed and nothing must be sent.
func (s *Store) BeginDelivery(ctx context.Context, d Delivery, now time.Time) (Delivery, error) {
	var out Delivery
	err := s.write(ctx, d.EventID, func(ctx context.Context, q *sqlgen.Queries) error {
		err := q.BeginDelivery(ctx, sqlgen.BeginDeliveryParams{
			ID: d.ID, Kind: d.Kind, Channel: d.Channel, Recipient: d.Recipient, Subject: d.Subject,
			EventID: d.EventID, RegistrationID: d.RegistrationID, CreatedAt: stamp(now),
		})
		if err != nil {
			return fail("begin delivery "+d.ID, err)
		}
		row, err := q.GetDelivery(ctx, d.ID)
		out = toDelivery(row)
		return fail("read delivery "+d.ID, err)
	})
	if err != nil {
		return Delivery{}, err
	}
	return out, nil
}

// FinishDelivery records how the attempt ended: Sent, Failed or Unknown.
func (s *Store) FinishDelivery(ctx context.Context, id, state, detail string, now time.Time) error {
	return s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		rows, err := q.FinishDelivery(ctx, sqlgen.FinishDeliveryParams{ID: id, State: state, Detail: detail, UpdatedAt: stamp(now)})
		if err == nil && rows == 0 {
			return fmt.Errorf("store: finish delivery %s: it never began", id)
		}
		return fail("finish delivery "+id, err)
	})
}

// Deliveries lists deliveries, newest first.
func (s *Store) Deliveries(ctx context.Context, limit int) ([]Delivery, error) {
	rows, err := s.read.NewestDeliveries(ctx, int64(limit))
	if err != nil {
		return nil, fail("list deliveries", err)
	}
	out := make([]Delivery, len(rows))
	for i, r := range rows {
		out[i] = toDelivery(r)
	}
	return out, nil
}

func toDelivery(r sqlgen.Delivery) Delivery {
	return Delivery{
		ID: r.ID, Kind: r.Kind, Channel: r.Channel, Recipient: r.Recipient, Subject: r.Subject,
		EventID: r.EventID, RegistrationID: r.RegistrationID, State: r.State,
		Attempts: int(r.Attempts), Detail: r.Detail, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
}
