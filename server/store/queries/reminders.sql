-- name: RemindersOfEvent :many
SELECT * FROM reminders WHERE event_id = $1;

-- scheduled keeps its old value: differing from version it tells that the bus must hear.
-- name: SaveReminder :exec
INSERT INTO reminders (event_id, moment, due_at, state, version) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (event_id, moment) DO UPDATE SET
    due_at = excluded.due_at, state = excluded.state, version = excluded.version, reached = 0;

-- name: EventsAhead :many
SELECT * FROM events WHERE status = 'scheduled' AND starts_at > $1;

-- name: RemindersAhead :many
SELECT r.* FROM reminders r JOIN events e ON e.id = r.event_id
WHERE e.status = 'scheduled' AND e.starts_at > $1;

-- name: PlannedReminders :many
SELECT * FROM reminders WHERE state = 'planned' ORDER BY due_at, event_id, moment;

-- name: UnscheduledReminders :many
SELECT * FROM reminders WHERE scheduled <> version ORDER BY due_at, event_id, moment LIMIT CAST(@page AS BIGINT);

-- name: ReminderScheduled :exec
UPDATE reminders SET scheduled = @version WHERE event_id = @event_id AND moment = @moment AND version = @version;

-- name: GetReminder :one
SELECT * FROM reminders WHERE event_id = $1 AND moment = $2;

-- name: ReminderReached :exec
UPDATE reminders SET reached = $3, state = $4 WHERE event_id = $1 AND moment = $2;

-- name: SeatedAfter :many
SELECT * FROM registrations WHERE event_id = @event_id AND status = 'confirmed' AND queue > @after
ORDER BY queue LIMIT CAST(@page AS BIGINT);

-- name: AddOutboxOnce :exec
INSERT INTO outbox (id, kind, payload, recipient, created_at, due_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO NOTHING;

-- name: BusIncarnation :one
SELECT incarnation FROM bus_memory WHERE name = $1;

-- name: SetBusIncarnation :exec
INSERT INTO bus_memory (name, incarnation) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET incarnation = excluded.incarnation;

-- A relayed mail that was sent needs nothing; every other one goes out again. Posts
-- queue themselves again when their lease ends.
-- name: ReissueOutbox :execrows
UPDATE outbox SET relayed_at = NULL, leased_until = NULL
WHERE relayed_at > @since AND kind LIKE 'mail.%' AND NOT EXISTS (
    SELECT 1 FROM deliveries d WHERE d.id = outbox.id AND d.state = 'sent'
);
