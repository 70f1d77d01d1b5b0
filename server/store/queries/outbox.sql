-- name: AddOutbox :exec
INSERT INTO outbox (id, kind, payload, recipient, created_at, due_at) VALUES ($1, $2, $3, $4, $5, $6);

-- RecentMail is the due time of a recipient's n-th latest mail.
-- name: RecentMail :one
SELECT due_at FROM outbox WHERE recipient = @recipient
ORDER BY due_at DESC LIMIT 1 OFFSET CAST(@skip AS BIGINT);

-- The lease condition stands twice: PostgreSQL checks the outer one again when it
-- had to wait for another owner's claim of the same rows.
-- name: ClaimOutbox :many
UPDATE outbox SET owner = @owner, leased_until = @leased_until
WHERE id IN (
    SELECT o.id FROM outbox o
    WHERE o.relayed_at IS NULL AND o.due_at <= @now AND (o.leased_until IS NULL OR o.leased_until <= @now)
    ORDER BY o.due_at, o.id LIMIT CAST(@page AS BIGINT)
) AND relayed_at IS NULL AND (leased_until IS NULL OR leased_until <= @now)
RETURNING id, kind, payload, created_at;

-- name: OutboxRelayed :exec
UPDATE outbox SET relayed_at = $2, leased_until = NULL WHERE id = $1 AND relayed_at IS NULL;

-- name: DropRelayed :exec
DELETE FROM outbox WHERE relayed_at <= $1;

-- An attempt that never finished leaves its outcome unknown; a sent mail stays sent.
-- name: BeginDelivery :exec
INSERT INTO deliveries (
    id, kind, channel, recipient, subject, event_id, registration_id, state, attempts, detail, created_at, updated_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, 'sending', 1, '', $8, $8)
ON CONFLICT (id) DO UPDATE SET
    state = CASE WHEN deliveries.state = 'failed' THEN 'sending' ELSE 'unknown' END,
    attempts = deliveries.attempts + 1, updated_at = excluded.updated_at
WHERE deliveries.state <> 'sent';

-- name: GetDelivery :one
SELECT * FROM deliveries WHERE id = $1;

-- name: FinishDelivery :execrows
UPDATE deliveries SET state = $2, detail = $3, updated_at = $4 WHERE id = $1;

-- name: NewestDeliveries :many
SELECT * FROM deliveries ORDER BY created_at DESC, id DESC LIMIT CAST(@page AS BIGINT);
