-- name: AddEvent :execrows
INSERT INTO events (
    id, slug, title, summary, description, speaker, branch, kind, audience, format,
    starts_at, ends_at, time_zone, capacity, status, version, created_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (slug) DO NOTHING;

-- LockEvent is the portable lock: every transaction that touches seats starts here.
-- name: LockEvent :one
UPDATE events SET version = version + 1 WHERE id = $1 RETURNING *;

-- name: MoveEvent :one
UPDATE events SET starts_at = $2, ends_at = $3 WHERE id = $1 RETURNING *;

-- name: SetEventStatus :exec
UPDATE events SET status = $2 WHERE id = $1;

-- name: CountSeats :exec
UPDATE events SET
    taken = taken + CAST(@seats AS BIGINT),
    waiting = waiting + CAST(@places AS BIGINT)
WHERE id = @id;

-- name: GetEvent :one
SELECT * FROM events WHERE id = @name OR slug = @name;

-- name: UpcomingEvents :many
SELECT * FROM events
WHERE ends_at > @now AND status = 'scheduled'
    AND (starts_at > @after_start OR (starts_at = @after_start AND id > @after_id))
ORDER BY starts_at, id LIMIT CAST(@page AS BIGINT);

-- name: NewestEvents :many
SELECT * FROM events ORDER BY starts_at DESC, id LIMIT CAST(@page AS BIGINT);
