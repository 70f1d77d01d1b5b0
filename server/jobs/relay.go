package jobs

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Row is one line of the outbox: a kind such as "mail.registration" and a payload of ids in JSON.
type Row struct {
	ID, Kind string
	Payload  []byte
}

// Outbox is what the relay needs of the store. Claim returns up to limit rows that are due and leased by nobody, and leases
// them to owner; a row that is not relayed when its lease ends may be claimed again.
type Outbox interface {
	Claim(ctx context.Context, owner string, limit int, lease time.Duration, now time.Time) ([]Row, error)
	Relayed(ctx context.Context, ids []string, now time.Time) error
}

// Publisher is what the relay needs of the bus: it returns nil only when the message is safe.
type Publisher interface {
	Publish(ctx context.Context, subject, key string, data []byte) error
}

// Message is what travels on the bus: ids only, so that a late reader sees what is true then, not what was true at commit.
type Message struct {
	ID           string `json:"id"`
	Kind         string `json:"kind"`
	Registration string `json:"registration,omitempty"`
	Event        string `json:"event,omitempty"`
	Staff        string `json:"staff,omitempty"`
	Post         string `json:"post,omitempty"`
}

const (
	batch       = 100              // rows claimed at a time
	lease       = 15 * time.Second // how long a crashed relay holds its rows back
	roundAtMost = 10 * time.Second // shorter than the lease: a slow round ends before its rows are somebody else's
	noteAtMost  = 2 * time.Second  // for marking them when a stop is under way
	idle        = time.Second      // between looks at the outbox when nobody pokes
	backOffMost = 15 * time.Second // between tries while the store or the bus is away
)

// Relay moves outbox rows to the bus.
type Relay struct {
	outbox Outbox
	bus    Publisher
	now    func() time.Time
	log    *slog.Logger
	owner  string
	pokes  chan struct{} // one place: a poke while one waits adds nothing

	// Run alone touches these.
	backing time.Duration // the current pause after failures, 0 when all is well
	held    []Row         // claimed rows that the bus did not take yet, at most one batch
}

// NewRelay makes a relay; it works while Run runs.
func NewRelay(o Outbox, p Publisher, now func() time.Time, log *slog.Logger) *Relay {
	return &Relay{outbox: o, bus: p, now: now, log: log, owner: rand.Text(), pokes: make(chan struct{}, 1)}
}

// Poke says that a commit wrote outbox rows. It never blocks and may be called at any time.
func (r *Relay) Poke() {
	select {
	case r.pokes <- struct{}{}:
	default:
	}
}

// Run relays until ctx ends: after every poke, once a second otherwise, and less often while the bus or the store fails.
func (r *Relay) Run(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := r.round(ctx)
		if err != nil && ctx.Err() == nil {
			r.backing = min(max(2*r.backing, idle), backOffMost)
			r.log.Warn("jobs: outbox waits", "again_in", r.backing, "err", err)
			pause(ctx, r.backing, nil) // pokes do not shorten it: a busy site must not hammer a bus that is down
			continue
		}
		r.backing = 0
		if n < batch {
			pause(ctx, idle, r.pokes)
		}
	}
}

// round publishes what is held, or else one newly claimed batch, and notes what got through. n is the number of rows. Held
// rows may outlive their lease: then another relay may publish them too, under the same keys.
func (r *Relay) round(ctx context.Context) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, roundAtMost)
	defer cancel()
	rows := r.held
	if len(rows) == 0 {
		if rows, err = r.outbox.Claim(ctx, r.owner, batch, lease, r.now()); err != nil {
			return 0, fmt.Errorf("jobs: claim outbox rows: %w", err)
		}
	}
	done := make([]string, 0, len(rows))
	var failed error
	for _, row := range rows {
		if failed = r.publish(ctx, row); failed != nil {
			break
		}
		done = append(done, row.ID)
	}
	r.held = rows[len(done):]
	return len(rows), errors.Join(failed, r.note(ctx, done))
}

// note marks rows as relayed, also when ctx has just ended: else every restart would publish them again.
func (r *Relay) note(ctx context.Context, done []string) error {
	if len(done) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteAtMost)
	defer cancel()
	if err := r.outbox.Relayed(ctx, done, r.now()); err != nil {
		return fmt.Errorf("jobs: mark %d outbox rows as relayed: %w", len(done), err)
	}
	return nil
}

// publish sends one row. A row that can never be sent is logged and counts as done: it must not hold up those behind it,
// and it stays in SQL for whoever looks.
func (r *Relay) publish(ctx context.Context, row Row) error {
	msg, err := read(row)
	if err != nil {
		r.log.Error("jobs: outbox row cannot be sent", "row", row.ID, "kind", row.Kind, "err", err)
		return nil
	}
	data, err := json.Marshal(msg)
	if err != nil {
		return fmt.Errorf("jobs: encode outbox row %s: %w", row.ID, err)
	}
	if err := r.bus.Publish(ctx, row.Kind, row.ID, data); err != nil {
		return fmt.Errorf("jobs: relay outbox row %s: %w", row.ID, err)
	}
	return nil
}

// read checks that the kind names a subject we keep and takes the ids, and nothing but the ids, out of the payload.
func read(row Row) (Message, error) {
	group, name, _ := strings.Cut(row.Kind, ".")
	if group != "mail" && row.Kind != "post.send" || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz-") != "" {
		return Message{}, fmt.Errorf("jobs: no subject for kind %q", row.Kind)
	}
	var msg Message
	if err := json.Unmarshal(row.Payload, &msg); err != nil {
		return Message{}, fmt.Errorf("jobs: read payload: %w", err)
	}
	msg.ID, msg.Kind = row.ID, row.Kind
	return msg, nil
}

// pause waits for d, for a value on early (nil never has one), or for the end of ctx.
func pause(ctx context.Context, d time.Duration, early <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-early:
	case <-timer.C:
	}
}
