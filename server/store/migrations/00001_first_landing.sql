-- Portable SQL: the same file builds SQLite and PostgreSQL. Times are UTC, JSON is
-- text that Go reads, hashes are hexadecimal text.

-- +goose Up
CREATE TABLE events (
    id          TEXT PRIMARY KEY,
    slug        TEXT NOT NULL UNIQUE,
    title       TEXT NOT NULL,
    summary     TEXT NOT NULL,
    description TEXT NOT NULL,
    speaker     TEXT NOT NULL,
    branch      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    audience    TEXT NOT NULL,
    format      TEXT NOT NULL,
    starts_at   TIMESTAMP NOT NULL,
    ends_at     TIMESTAMP NOT NULL,
    time_zone   TEXT NOT NULL,
    capacity    BIGINT NOT NULL CHECK (capacity > 0),
    taken       BIGINT NOT NULL DEFAULT 0,
    waiting     BIGINT NOT NULL DEFAULT 0 CHECK (waiting >= 0),
    status      TEXT NOT NULL,
    version     BIGINT NOT NULL DEFAULT 0,
    created_at  TIMESTAMP NOT NULL,
    -- the last wall against overselling, whatever the code above it does
    CONSTRAINT seats CHECK (taken >= 0 AND taken <= capacity)
);
CREATE INDEX events_by_start ON events (starts_at, id);

-- queue is the event's version when the claim was made: it rises with every claim
-- on one event and so orders the waitlist.
CREATE TABLE registrations (
    id             TEXT PRIMARY KEY,
    event_id       TEXT NOT NULL REFERENCES events (id),
    name           TEXT NOT NULL,
    email          TEXT NOT NULL,
    person         TEXT NOT NULL,
    status         TEXT NOT NULL,
    queue          BIGINT NOT NULL,
    shown_position BIGINT NOT NULL,
    generation     BIGINT NOT NULL,
    created_at     TIMESTAMP NOT NULL,
    cancelled_at   TIMESTAMP
);
CREATE UNIQUE INDEX one_claim_a_person ON registrations (event_id, person) WHERE status <> 'cancelled';
CREATE INDEX registrations_by_event ON registrations (event_id, status, queue);

CREATE TABLE idempotency_keys (
    event_id        TEXT NOT NULL REFERENCES events (id),
    key_hash        TEXT NOT NULL,
    body_hash       TEXT NOT NULL,
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    created_at      TIMESTAMP NOT NULL,
    PRIMARY KEY (event_id, key_hash)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- recipient is a person's keyed hash: mails are counted by it, never sent by it.
CREATE TABLE outbox (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    payload      TEXT NOT NULL,
    recipient    TEXT NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    due_at       TIMESTAMP NOT NULL,
    owner        TEXT NOT NULL DEFAULT '',
    leased_until TIMESTAMP,
    relayed_at   TIMESTAMP
);
CREATE INDEX outbox_waiting ON outbox (due_at, id) WHERE relayed_at IS NULL;
CREATE INDEX outbox_by_recipient ON outbox (recipient, due_at);

CREATE TABLE deliveries (
    id              TEXT PRIMARY KEY,
    kind            TEXT NOT NULL,
    channel         TEXT NOT NULL,
    recipient       TEXT NOT NULL,
    subject         TEXT NOT NULL,
    event_id        TEXT NOT NULL,
    registration_id TEXT NOT NULL,
    state           TEXT NOT NULL,
    attempts        BIGINT NOT NULL,
    detail          TEXT NOT NULL,
    created_at      TIMESTAMP NOT NULL,
    updated_at      TIMESTAMP NOT NULL
);
CREATE INDEX deliveries_by_age ON deliveries (created_at, id);

CREATE TABLE staff (
    id           TEXT PRIMARY KEY,
    email        TEXT NOT NULL,
    email_folded TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    person       TEXT NOT NULL,
    rights       TEXT NOT NULL
);

CREATE TABLE sign_in_codes (
    code_hash  TEXT PRIMARY KEY,
    staff_id   TEXT NOT NULL REFERENCES staff (id),
    expires_at TIMESTAMP NOT NULL
);

CREATE TABLE staff_sessions (
    session_hash TEXT PRIMARY KEY,
    staff_id     TEXT NOT NULL REFERENCES staff (id),
    created_at   TIMESTAMP NOT NULL,
    expires_at   TIMESTAMP NOT NULL
);

CREATE TABLE room_journal (
    room    TEXT NOT NULL,
    version BIGINT NOT NULL,
    at      TIMESTAMP NOT NULL,
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,
    data    TEXT NOT NULL,
    PRIMARY KEY (room, version)
);

CREATE TABLE bans (
    scope        TEXT NOT NULL,
    person       TEXT NOT NULL,
    banned_at    TIMESTAMP NOT NULL,
    banned_until TIMESTAMP NOT NULL,
    PRIMARY KEY (scope, person)
);
