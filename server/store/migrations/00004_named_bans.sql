-- Who may lift a ban must see whom it is about, where it was given and by whom:
-- the names as they were shown in the room then.

-- +goose Up
ALTER TABLE bans ADD COLUMN room TEXT NOT NULL DEFAULT '';
ALTER TABLE bans ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE bans ADD COLUMN banned_by TEXT NOT NULL DEFAULT '';
