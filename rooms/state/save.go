package state

import (
	"context"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"
)

// saveScript checks and writes in one step. Numbers in Lua are doubles: versions
// and epochs (milliseconds) stay far below 2^53. The answer names the room and
// the version, so that an answer to another question is seen.
const saveScript = `
local epoch, from, to = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local held = redis.call('HMGET', KEYS[1], 'epoch', 'version')
if held[1] then
  local heldEpoch = tonumber(held[1])
  if heldEpoch > epoch or (heldEpoch == epoch and tonumber(held[2]) > from) then
    return 'stale ' .. ARGV[1] .. ' ' .. to
  end
end
redis.call('HSET', KEYS[1], 'room', ARGV[1], 'epoch', ARGV[2], 'version', to, 'data', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
for i = 8, #ARGV do
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[7], '*', 'version', string.format('%.0f', from + i - 7), 'event', ARGV[i])
end
if #ARGV >= 8 then redis.call('PEXPIRE', KEYS[2], ARGV[6]) end
return 'saved ' .. ARGV[1] .. ' ' .. to`

// Save writes the events that follow version from, and the snapshot after them.
// With no events it writes the snapshot of version from alone, which is how a
// copy that fell behind is brought up to date. [ErrStale] means that a newer
// owner, or a newer version of this owner, is already there.
func (s *Store) Save(ctx context.Context, room string, epoch, from uint64, events [][]byte, snapshot []byte) error {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	to := strconv.FormatUint(from+uint64(len(events)), 10)
	args := make([]any, 0, 7+len(events))
	args = append(args, room, strconv.FormatUint(epoch, 10), strconv.FormatUint(from, 10), to,
		snapshot, Kept.Milliseconds(), Events)
	for _, e := range events {
		args = append(args, e)
	}
	answer, err := s.save.Run(ctx, s.client, []string{snapshotKey(room), eventsKey(room)}, args...).Text()
	if err != nil {
		return fmt.Errorf("state: save room %s: %w", room, err)
	}
	switch answer {
	case "saved " + room + " " + to:
		return nil
	case "stale " + room + " " + to:
		return fmt.Errorf("state: save room %s: %w", room, ErrStale)
	}
	return fmt.Errorf("state: save room %s: the answer is about another question", room)
}

// Since reads the kept events with a version above after, in order. Old ones may
// be gone: whoever needs all reads the journal.
func (s *Store) Since(ctx context.Context, room string, after uint64) ([][]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	entries, err := s.client.XRange(ctx, eventsKey(room), "-", "+").Result()
	if err != nil {
		return nil, fmt.Errorf("state: read events of room %s: %w", room, err)
	}
	var events [][]byte
	for _, e := range entries {
		version, event, err := readEvent(e)
		if err != nil {
			return nil, fmt.Errorf("state: read events of room %s: %w", room, err)
		}
		if version > after {
			events = append(events, event)
		}
	}
	return events, nil
}

func readEvent(m redis.XMessage) (uint64, []byte, error) {
	text, _ := m.Values["version"].(string)
	event, _ := m.Values["event"].(string)
	version, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, nil, fmt.Errorf("entry %s: %w", m.ID, err)
	}
	return version, []byte(event), nil
}
