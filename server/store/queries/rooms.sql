-- name: AppendRoom :execrows
INSERT INTO room_journal (room, version, at, kind, subject, data) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (room, version) DO NOTHING;

-- name: RoomEntries :many
SELECT * FROM room_journal WHERE room = @room AND version > @after
ORDER BY version LIMIT CAST(@page AS BIGINT);

-- A ban given again replaces the end, which is also how one is lifted.
-- name: BanPerson :exec
INSERT INTO bans (scope, person, banned_at, banned_until) VALUES ($1, $2, $3, $4)
ON CONFLICT (scope, person) DO UPDATE SET
    banned_at = excluded.banned_at, banned_until = excluded.banned_until;

-- name: PersonBanned :one
SELECT count(*) FROM bans WHERE scope = $1 AND person = $2 AND banned_until > $3;
