// Package ledger reads what stands in the database, for those who audit it: the
// tests of cmd/lyceum and scripts/chaos.
//
// It asks the tables with its own SQL and shares no code with package store, so
// that a mistake there does not hide itself. It only reads, on either engine, also
// while a site is running on the same database. The product does not use it.
package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// Claim is one row of registrations.
type Claim struct {
	ID, Event, Email, Status string
	Queue                    int64 // rises with every claim on one event
	Generation               int
}

// Mail is one row of the outbox, with its delivery's state ("" before the first attempt).
type Mail struct {
	ID, Kind, Payload, State string
	Relayed                  bool
	Attempts                 int
}

// Books is everything at one moment.
type Books struct {
	Claims []Claim // by event, in the order of the queue
	Mails  []Mail
}

// Ledger is an open database.
type Ledger struct{ db *sql.DB }

// Open reads the database that the site with this address and data folder writes,
// which may not exist before the site's first start.
func Open(address, dir string) (*Ledger, error) {
	driver, name := "pgx", address
	if path, lite := strings.CutPrefix(address, "sqlite:"); lite {
		if path == "" {
			path = filepath.Join(dir, "lyceum.db")
		}
		driver, name = "sqlite", (&url.URL{Scheme: "file", OmitHost: true, Path: path}).String()+"?_pragma=busy_timeout(5000)&_pragma=query_only(1)"
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		return nil, fmt.Errorf("ledger: open: %w", err)
	}
	db.SetMaxOpenConns(1)
	return &Ledger{db}, nil
}

// Close ends the connection.
func (l *Ledger) Close() error { return l.db.Close() }

// Seats counts, in one look, the confirmed claims of an event and what the event
// itself says: its capacity and its own count.
func (l *Ledger) Seats(ctx context.Context, event string) (confirmed, taken, capacity int, err error) {
	err = l.db.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM registrations WHERE event_id = $1 AND status = 'confirmed'),
		taken, capacity FROM events WHERE id = $1`, event).Scan(&confirmed, &taken, &capacity)
	if err != nil {
		err = fmt.Errorf("ledger: count seats: %w", err)
	}
	return confirmed, taken, capacity, err
}

// Unsettled counts what still has to happen: outbox rows not handed on, and mails
// handed on but not sent.
func (l *Ledger) Unsettled(ctx context.Context) (n int, err error) {
	err = l.db.QueryRowContext(ctx, `SELECT count(*) FROM outbox o LEFT JOIN deliveries d ON d.id = o.id
		WHERE o.relayed_at IS NULL OR d.state IS NULL OR d.state <> 'sent'`).Scan(&n)
	if err != nil {
		err = fmt.Errorf("ledger: count open mails: %w", err)
	}
	return n, err
}

// Read reads everything.
func (l *Ledger) Read(ctx context.Context) (b Books, err error) {
	err = errors.Join(
		each(ctx, l.db, `SELECT id, event_id, email, status, queue, generation FROM registrations ORDER BY event_id, queue`, func(scan func(...any) error) error {
			var c Claim
			err := scan(&c.ID, &c.Event, &c.Email, &c.Status, &c.Queue, &c.Generation)
			b.Claims = append(b.Claims, c)
			return err
		}),
		each(ctx, l.db, `SELECT o.id, o.kind, o.payload, o.relayed_at IS NOT NULL, coalesce(d.state, ''), coalesce(d.attempts, 0)
			FROM outbox o LEFT JOIN deliveries d ON d.id = o.id ORDER BY o.id`, func(scan func(...any) error) error {
			var m Mail
			err := scan(&m.ID, &m.Kind, &m.Payload, &m.Relayed, &m.State, &m.Attempts)
			b.Mails = append(b.Mails, m)
			return err
		}),
	)
	return b, err
}

func each(ctx context.Context, db *sql.DB, query string, row func(scan func(...any) error) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("ledger: read: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return fmt.Errorf("ledger: read: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("ledger: read: %w", err)
	}
	return nil
}
