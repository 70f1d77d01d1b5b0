-- name: CountRegistrations :many
SELECT status, COUNT(*) AS n FROM registrations GROUP BY status;

-- name: CountDeliveries :many
SELECT channel, state, COUNT(*) AS n FROM deliveries GROUP BY channel, state;

-- name: CountOutbox :one
SELECT COUNT(*) FROM outbox WHERE relayed_at IS NULL;
