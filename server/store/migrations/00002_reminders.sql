-- One row an event and moment. version rises when the row is planned anew; scheduled
-- is the version that the bus has taken; reached is the queue number of the last
-- registration that a fan-out under way has written a mail for.

-- +goose Up
CREATE TABLE reminders (
    event_id  TEXT NOT NULL REFERENCES events (id),
    moment    TEXT NOT NULL,
    due_at    TIMESTAMP NOT NULL,
    state     TEXT NOT NULL,
    version   BIGINT NOT NULL,
    scheduled BIGINT NOT NULL DEFAULT 0,
    reached   BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (event_id, moment)
);
CREATE INDEX reminders_planned ON reminders (due_at) WHERE state = 'planned';
CREATE INDEX reminders_unscheduled ON reminders (event_id) WHERE scheduled <> version;

-- Which incarnation of the bus has what the outbox handed on. Another one means that
-- the bus lost its memory.
CREATE TABLE bus_memory (
    name        TEXT PRIMARY KEY,
    incarnation TEXT NOT NULL
);
