-- +goose Up
-- sealed is AES-GCM ciphertext that only the site key opens; it is emptied when a channel is disconnected.
CREATE TABLE channels (
    id          TEXT PRIMARY KEY,
    service     TEXT NOT NULL,
    server      TEXT NOT NULL,
    account     TEXT NOT NULL,
    text_limit  BIGINT NOT NULL,
    link_length BIGINT NOT NULL,
    sealed      TEXT NOT NULL,
    fault       TEXT NOT NULL DEFAULT '',
    checked_at  TIMESTAMP NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    removed_at  TIMESTAMP
);
CREATE UNIQUE INDEX one_channel_an_account ON channels (service, server, account) WHERE removed_at IS NULL;

-- One post an event, channel and moment: its id is the key that the service sees, so it stays the same in every attempt.
-- next_at is when the next attempt may begin, NULL when nothing is left to do; queued_until is the lease of the one who
-- put it on the bus, busy_until that of the one who posts. tried_at is the first attempt, maybe_at the first one that may
-- have arrived without an answer.
CREATE TABLE posts (
    id           TEXT PRIMARY KEY,
    event_id     TEXT NOT NULL REFERENCES events (id),
    channel_id   TEXT NOT NULL REFERENCES channels (id),
    moment       TEXT NOT NULL,
    body         TEXT NOT NULL,
    state        TEXT NOT NULL,
    attempts     BIGINT NOT NULL DEFAULT 0,
    fault        TEXT NOT NULL DEFAULT '',
    link         TEXT NOT NULL DEFAULT '',
    approved_by  TEXT NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    updated_at   TIMESTAMP NOT NULL,
    tried_at     TIMESTAMP,
    maybe_at     TIMESTAMP,
    next_at      TIMESTAMP,
    queued_until TIMESTAMP,
    busy_until   TIMESTAMP,
    UNIQUE (event_id, channel_id, moment)
);
CREATE INDEX posts_due ON posts (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX posts_by_age ON posts (created_at, id);
