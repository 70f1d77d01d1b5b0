-- A repeated request gets the answer of the first one, word for word: what it says
-- must not depend on what became of the seat. Keys from before do not know theirs;
-- forgotten, they count as new requests, which take no second seat either.

-- +goose Up
DELETE FROM idempotency_keys;
ALTER TABLE idempotency_keys ADD COLUMN shown_status TEXT NOT NULL DEFAULT '';
ALTER TABLE idempotency_keys ADD COLUMN shown_position BIGINT NOT NULL DEFAULT 0;
