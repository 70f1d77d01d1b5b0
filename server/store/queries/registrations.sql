-- A refused claim becomes a fresh one under its old id once the ban has ended.
-- name: SaveRegistration :exec
INSERT INTO registrations (
    id, event_id, name, email, person, status, queue, shown_position, generation, created_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, email = excluded.email, status = excluded.status, queue = excluded.queue,
    shown_position = excluded.shown_position, generation = excluded.generation, created_at = excluded.created_at;

-- name: SetRegistrationStatus :exec
UPDATE registrations SET status = $2, generation = $3, cancelled_at = $4 WHERE id = $1;

-- name: RenameRegistration :one
UPDATE registrations SET name = $2 WHERE id = $1 AND status <> 'cancelled' RETURNING *;

-- name: GetRegistration :one
SELECT * FROM registrations WHERE id = $1;

-- name: ClaimOfPerson :one
SELECT * FROM registrations WHERE event_id = $1 AND person = $2 AND status <> 'cancelled';

-- name: RegistrationsOfEvent :many
SELECT * FROM registrations WHERE event_id = $1 ORDER BY queue;

-- name: WaitingAhead :one
SELECT count(*) FROM registrations WHERE event_id = $1 AND status = 'waitlisted' AND queue < $2;

-- name: Waitlist :many
SELECT * FROM registrations WHERE event_id = @event_id AND status = 'waitlisted'
ORDER BY queue LIMIT CAST(@seats AS BIGINT);

-- name: GetIdempotencyKey :one
SELECT * FROM idempotency_keys WHERE event_id = $1 AND key_hash = $2 AND created_at > $3;

-- name: SaveIdempotencyKey :exec
INSERT INTO idempotency_keys (event_id, key_hash, body_hash, registration_id, shown_status, shown_position, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (event_id, key_hash) DO UPDATE SET
    body_hash = excluded.body_hash, registration_id = excluded.registration_id,
    shown_status = excluded.shown_status, shown_position = excluded.shown_position, created_at = excluded.created_at;

-- name: DropIdempotencyKeys :exec
DELETE FROM idempotency_keys WHERE created_at <= $1;
