-- name: NameBan :exec
UPDATE bans SET room = @room, name = @name, banned_by = @banned_by WHERE scope = @scope AND person = @person;

-- Bans that hold, newest first, with the title of the event they were given in.
-- name: Bans :many
SELECT bans.scope, bans.person, bans.banned_at, bans.banned_until, bans.room, bans.name, bans.banned_by,
    COALESCE(events.title, '') AS event_title
FROM bans LEFT JOIN events ON events.id = CASE WHEN bans.room = '' THEN bans.scope ELSE bans.room END
WHERE bans.banned_until > @now
ORDER BY bans.banned_at DESC, bans.scope, bans.person LIMIT CAST(@most AS BIGINT);
