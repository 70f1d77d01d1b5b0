package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"lyceum/server/outreach"
	"lyceum/server/registration"
	"lyceum/server/store/sqlgen"
)

// One address gets at most mailsPerWindow mails in any mailWindow, counted over
// all events and over all spellings of the address.
const (
	mailsPerWindow = 3
	mailWindow     = time.Hour
)

// OutboxRow is something to be done outside of the database, at least once.
type OutboxRow struct {
	ID        string // also the key by which repeats are recognised
	Kind      string // "mail.registration" and so on
	Payload   []byte // JSON with ids only: registration, event, staff
	CreatedAt time.Time
}

// payload is what an outbox row carries. Names, addresses and tickets are read
// when the mail is rendered, so none of them lies around in queues.
type payload struct {
	Registration string `json:"registration,omitempty"`
	Event        string `json:"event,omitempty"`
	Staff        string `json:"staff,omitempty"`
	Post         string `json:"post,omitempty"`
}

// ClaimOutbox leases up to limit rows that are due to owner, oldest first. A row
// is with one owner at a time; when the lease ends unrelayed it is free again.
func (s *Store) ClaimOutbox(ctx context.Context, owner string, limit int, lease time.Duration, now time.Time) ([]OutboxRow, error) {
	now = stamp(now)
	var out []OutboxRow
	err := s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		rows, err := q.ClaimOutbox(ctx, sqlgen.ClaimOutboxParams{
			Owner: owner, LeasedUntil: nullTime(now.Add(lease)), Now: now, Page: int64(limit),
		})
		out = make([]OutboxRow, len(rows))
		for i, r := range rows {
			out[i] = OutboxRow{ID: r.ID, Kind: r.Kind, Payload: []byte(r.Payload), CreatedAt: r.CreatedAt.UTC()}
		}
		return fail("claim outbox rows", err)
	})
	if err != nil {
		return nil, err
	}
	// RETURNING promises no order; most ids are UUIDs version 7 and so in order of time.
	slices.SortFunc(out, func(a, b OutboxRow) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// OutboxRelayed records that rows were handed on; they are never claimed again.
func (s *Store) OutboxRelayed(ctx context.Context, ids []string, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	return s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		for _, id := range ids {
			err := q.OutboxRelayed(ctx, sqlgen.OutboxRelayedParams{ID: id, RelayedAt: nullTime(now)})
			if err != nil {
				return fail("mark outbox row "+id, err)
			}
		}
		return nil
	})
}

// mailAbout puts a mail about a registration into the outbox.
func mailAbout(ctx context.Context, q *sqlgen.Queries, kind string, r registration.Registration, now time.Time) error {
	return enqueue(ctx, q, kind, payload{Registration: r.ID, Event: r.EventID}, r.Person, now)
}

// uncounted is the recipient of mails outside of anybody's share.
const uncounted = ""

// enqueue writes one outbox row within the recipient's share of mails. Beyond it,
// a mail that tells of a change (a seat gained or given up) waits until there is
// room; any other falls away, because a stranger can cause it and its reader can
// ask for it again.
//
// Reminders and the news that an event changed or is off are outside of the share, on
// both sides. They do not wait: an hour later they would be wrong, and somebody would
// stand before a closed door. They do not count: else a patron with three events today
// could not register for a fourth. And they are no weapon: only staff and the clock set
// them off, one an event and change, at most three reminders an event.
func enqueue(ctx context.Context, q *sqlgen.Queries, kind string, p payload, recipient string, now time.Time) error {
	now = stamp(now)
	due := now
	if kind == outreach.MailEventChanged || kind == outreach.MailEventCancelled {
		recipient = uncounted
	} else {
		third, err := q.RecentMail(ctx, sqlgen.RecentMailParams{Recipient: recipient, Skip: mailsPerWindow - 1})
		if err != nil && classify(err) != absent {
			return fail("count recent mails", err)
		}
		if room := third.Add(mailWindow); err == nil && room.After(now) {
			if kind != registration.MailPromoted && kind != registration.MailCancelled {
				return nil
			}
			due = stamp(room)
		}
	}
	id, err := uuid.NewV7()
	if err != nil {
		return fail("make an outbox id", err)
	}
	body, err := json.Marshal(p)
	if err != nil {
		return fail("encode an outbox row", err)
	}
	return fail("add an outbox row", q.AddOutbox(ctx, sqlgen.AddOutboxParams{
		ID: id.String(), Kind: kind, Payload: string(body), Recipient: recipient, CreatedAt: now, DueAt: due,
	}))
}
