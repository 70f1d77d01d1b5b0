// Package state keeps the hot copy of every room in Redis: a snapshot, and a
// stream of the last events. It knows bytes, versions and epochs, and nothing of
// what a room is.
//
// A room has one owner at a time. Each ownership has an epoch, larger than the
// one before; writes of an older epoch, or writes that would take the version
// back, are refused by the same script that does the writing ([ErrStale]), so a
// node that lost a room without noticing cannot damage it. Every value carries
// its room and version inside: a reply that belongs to another question is
// recognised and is an error. All calls end within [Timeout], also when the
// server accepts and never answers; nothing is retried here, because the journal
// is the truth and this copy may always be written again.
package state

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"lyceum/rooms/state/embedded"
)

const (
	// Timeout is the longest that one call takes.
	Timeout = 400 * time.Millisecond
	// Kept is how long an untouched room stays in Redis.
	Kept = 24 * time.Hour
	// Events is about how many events the stream of a room holds.
	Events = 1000
)

// ErrStale refuses a write by an owner that has been replaced, or one that would
// take the version back.
var ErrStale = errors.New("state: stale")

// Snapshot is a room as last saved. A room that is not there has Version 0.
type Snapshot struct {
	Version, Epoch uint64
	Data           []byte
}

// Store is a connection pool. It is safe for concurrent use.
type Store struct {
	client *redis.Client
	server *embedded.Server // nil when the server is somebody else's
	save   *redis.Script
}

// Open connects to url: "embedded", "redis://..." or "rediss://...". It does not
// wait for a server that is down; [Store.Healthy] tells.
func Open(_ context.Context, url string) (*Store, error) {
	s := &Store{save: redis.NewScript(saveScript)}
	if url == "embedded" {
		server, err := embedded.Start()
		if err != nil {
			return nil, fmt.Errorf("state: open: %w", err)
		}
		s.server, url = server, server.URL()
	}
	o, err := redis.ParseURL(url)
	if err != nil {
		// The parser's error may quote the address, and that holds a password.
		return nil, errors.New("state: open: the address is not of the form redis://[user:password@]host:port/number")
	}
	s.client = redis.NewClient(bounded(o))
	return s, nil
}

// bounded sets every limit that the client leaves open or long by default. No
// retries: a script that was run and whose answer was lost must not run twice.
func bounded(o *redis.Options) *redis.Options {
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = Timeout/2, Timeout/2, Timeout/2
	o.PoolTimeout = Timeout / 2
	o.ContextTimeoutEnabled = true
	o.MaxRetries = -1
	o.DialerRetries = 1
	o.PoolSize = 8
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return o
}

// Close ends the pool and, when there is one, the embedded server.
func (s *Store) Close() error {
	err := s.client.Close()
	if s.server != nil {
		s.server.Close()
	}
	return err
}

// Healthy asks the server for an answer.
func (s *Store) Healthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	if err := s.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("state: ping: %w", err)
	}
	return nil
}

// The braces put both keys of a room on one node of a cluster.
func snapshotKey(room string) string { return "lyceum:room:{" + room + "}" }
func eventsKey(room string) string   { return "lyceum:room:{" + room + "}:events" }

// Load reads a room.
func (s *Store) Load(ctx context.Context, room string) (Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	h, err := s.client.HGetAll(ctx, snapshotKey(room)).Result()
	if err != nil {
		return Snapshot{}, fmt.Errorf("state: load room %s: %w", room, err)
	}
	if len(h) == 0 {
		return Snapshot{}, nil
	}
	version, err1 := strconv.ParseUint(h["version"], 10, 64)
	epoch, err2 := strconv.ParseUint(h["epoch"], 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return Snapshot{}, fmt.Errorf("state: load room %s: %w", room, err)
	}
	if h["room"] != room {
		return Snapshot{}, fmt.Errorf("state: load room %s: the answer is about another room", room)
	}
	return Snapshot{Version: version, Epoch: epoch, Data: []byte(h["data"])}, nil
}
