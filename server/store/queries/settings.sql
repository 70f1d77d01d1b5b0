-- name: GetSettings :one
SELECT * FROM site_settings WHERE id = 1;

-- name: SaveSettings :one
INSERT INTO site_settings (id, body, version, updated_at, mail_proof) VALUES (1, $1, 1, $2, '')
ON CONFLICT (id) DO UPDATE SET body = excluded.body, version = site_settings.version + 1, updated_at = excluded.updated_at
RETURNING *;

-- The test may come before anybody has set up the library: the row then stays at version 0.
-- name: SaveMailProof :exec
INSERT INTO site_settings (id, body, version, updated_at, mail_proof, mail_tested_at) VALUES (1, '', 0, $2, $1, $2)
ON CONFLICT (id) DO UPDATE SET mail_proof = excluded.mail_proof, mail_tested_at = excluded.mail_tested_at;
