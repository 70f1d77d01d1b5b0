-- name: AddChannel :execrows
INSERT INTO channels (id, service, server, account, text_limit, link_length, sealed, checked_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT DO NOTHING;

-- A channel connected again keeps its id, so that its posts stay its own.
-- name: RenewChannel :execrows
UPDATE channels SET text_limit = @text_limit, link_length = @link_length, sealed = @sealed, fault = '', checked_at = @now
WHERE service = @service AND server = @server AND account = @account AND removed_at IS NULL;

-- name: ConnectedChannels :many
SELECT * FROM channels WHERE removed_at IS NULL ORDER BY created_at, id;

-- name: FindChannel :one
SELECT * FROM channels WHERE service = $1 AND server = $2 AND account = $3 AND removed_at IS NULL;

-- name: GetChannel :one
SELECT * FROM channels WHERE id = $1;

-- name: NoteChannel :exec
UPDATE channels SET fault = $2, checked_at = $3, text_limit = $4, link_length = $5 WHERE id = $1;

-- name: RemoveChannel :execrows
UPDATE channels SET removed_at = $2, sealed = '', fault = '' WHERE id = $1 AND removed_at IS NULL;

-- name: DropPlansOfChannel :exec
UPDATE posts SET state = 'failed', fault = @fault, next_at = NULL, updated_at = @now
WHERE channel_id = @channel_id AND next_at IS NOT NULL AND state <> 'sending';

-- name: GetPost :one
SELECT * FROM posts WHERE id = $1;

-- name: FindPost :one
SELECT * FROM posts WHERE event_id = $1 AND channel_id = $2 AND moment = $3;

-- name: PostsOfEvent :many
SELECT sqlc.embed(posts), sqlc.embed(channels) FROM posts JOIN channels ON channels.id = posts.channel_id
WHERE posts.event_id = $1 ORDER BY posts.created_at, posts.id;

-- name: NewestPosts :many
SELECT sqlc.embed(posts), sqlc.embed(channels) FROM posts JOIN channels ON channels.id = posts.channel_id
ORDER BY posts.created_at DESC, posts.id DESC LIMIT CAST(@page AS BIGINT);

-- name: AddPost :exec
INSERT INTO posts (id, event_id, channel_id, moment, body, state, approved_by, created_at, updated_at, next_at)
VALUES ($1, $2, $3, $4, $5, 'planned', $6, $7, $7, $7);

-- A post that may be out keeps its text: another one under the same key would never be seen.
-- name: ChangePost :execrows
UPDATE posts SET body = @body, approved_by = @approved_by, state = 'planned', fault = '', updated_at = @now, next_at = @now, queued_until = NULL
WHERE id = @id AND maybe_at IS NULL AND (state = 'planned' OR state = 'failed');

-- name: RetryPost :execrows
UPDATE posts SET next_at = @now, queued_until = NULL, updated_at = @now
WHERE id = @id AND (state = 'failed' OR state = 'unknown');

-- name: DropPost :execrows
DELETE FROM posts WHERE id = $1 AND state = 'planned' AND attempts = 0;

-- When a post is due follows from where its event stands now, so moving the event moves the post. The lease condition
-- stands twice, as in ClaimOutbox.
-- name: ClaimPosts :many
UPDATE posts SET queued_until = @until
WHERE id IN (
    SELECT p.id FROM posts p JOIN events e ON e.id = p.event_id
    WHERE p.next_at <= @now AND (p.moment = 'announced' OR e.starts_at <= @starts)
      AND (p.queued_until IS NULL OR p.queued_until <= @now)
    ORDER BY p.next_at, p.id LIMIT CAST(@page AS BIGINT)
) AND next_at <= @now AND (queued_until IS NULL OR queued_until <= @now)
RETURNING id;

-- name: QueuePost :execrows
UPDATE posts SET queued_until = @until WHERE id = @id AND next_at IS NOT NULL AND (queued_until IS NULL OR queued_until <= @now);

-- An attempt that never finished may have arrived.
-- name: BeginPost :execrows
UPDATE posts SET
    maybe_at = CASE WHEN state = 'sending' AND maybe_at IS NULL THEN updated_at ELSE maybe_at END,
    state = 'sending', attempts = attempts + 1, tried_at = COALESCE(tried_at, @now), updated_at = @now, busy_until = @until
WHERE id = @id AND next_at <= @now AND (busy_until IS NULL OR busy_until <= @now);

-- name: FinishPost :execrows
UPDATE posts SET state = @state, fault = @fault, link = @link, maybe_at = @maybe_at, next_at = @next_at,
    queued_until = NULL, busy_until = NULL, updated_at = @now
WHERE id = @id AND state = 'sending';
