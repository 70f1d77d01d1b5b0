package journal

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Memory is a [Journal] that lasts as long as the process.
type Memory struct {
	mu    sync.Mutex
	rooms map[string][]entry // sorted by version
	bans  map[ban]time.Time
}

type entry struct {
	version       uint64
	at            time.Time
	kind, subject string
	data          []byte
}

type ban struct{ scope, person string }

// NewMemory is an empty journal.
func NewMemory() *Memory {
	return &Memory{rooms: map[string][]entry{}, bans: map[ban]time.Time{}}
}

// taken is the conflict that [IsConflict] recognises by shape.
type taken struct {
	room    string
	version uint64
}

func (t *taken) Error() string  { return fmt.Sprintf("room %s has version %d", t.room, t.version) }
func (t *taken) Conflict() bool { return true }

func byVersion(e entry, version uint64) int {
	switch {
	case e.version < version:
		return -1
	case e.version > version:
		return 1
	}
	return 0
}

// AppendRoom implements [Journal].
func (m *Memory) AppendRoom(ctx context.Context, room string, version uint64, at time.Time, kind, subject string, data []byte) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("journal: append to room %s: %w", room, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	i, found := slices.BinarySearchFunc(m.rooms[room], version, byVersion)
	if found {
		return fmt.Errorf("journal: append: %w", &taken{room, version})
	}
	e := entry{version, at, kind, subject, bytes.Clone(data)}
	m.rooms[room] = slices.Insert(m.rooms[room], i, e)
	return nil
}

// RoomEntries implements [Journal]. The callback runs without the lock.
func (m *Memory) RoomEntries(ctx context.Context, room string, after uint64, each func(version uint64, at time.Time, kind, subject string, data []byte) error) error {
	m.mu.Lock()
	entries := slices.Clone(m.rooms[room])
	m.mu.Unlock()
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("journal: read room %s: %w", room, err)
		}
		if e.version <= after {
			continue
		}
		if err := each(e.version, e.at, e.kind, e.subject, bytes.Clone(e.data)); err != nil {
			return err
		}
	}
	return nil
}

// BanPerson implements [Journal].
func (m *Memory) BanPerson(ctx context.Context, scope, person string, _, until time.Time) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("journal: ban in %s: %w", scope, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bans[ban{scope, person}] = until
	return nil
}

// NameBan implements [Journal]. Nothing here lists bans, so there is nothing to keep.
func (m *Memory) NameBan(ctx context.Context, scope, _, _, _, _ string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("journal: name a ban in %s: %w", scope, err)
	}
	return nil
}

// PersonBanned implements [Journal].
func (m *Memory) PersonBanned(ctx context.Context, scope, person string, now time.Time) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, fmt.Errorf("journal: ask for a ban in %s: %w", scope, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.bans[ban{scope, person}].After(now), nil
}
