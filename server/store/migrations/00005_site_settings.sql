-- +goose Up

-- One row: what the library says about itself (server/settings), as JSON, and
-- which mail set-up a test mail has gone through: a keyed hash, no password.
CREATE TABLE site_settings (
    id             BIGINT PRIMARY KEY CHECK (id = 1),
    body           TEXT NOT NULL,
    version        BIGINT NOT NULL,
    updated_at     TIMESTAMP NOT NULL,
    mail_proof     TEXT NOT NULL,
    mail_tested_at TIMESTAMP
);
