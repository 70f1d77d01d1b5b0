-- name: SaveStaff :exec
INSERT INTO staff (id, email, email_folded, name, person, rights) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (email_folded) DO UPDATE SET
    email = excluded.email, name = excluded.name, person = excluded.person, rights = excluded.rights;

-- name: StaffByEmail :one
SELECT * FROM staff WHERE email_folded = $1;

-- name: StaffByID :one
SELECT * FROM staff WHERE id = $1;

-- name: AddSignInCode :exec
INSERT INTO sign_in_codes (code_hash, staff_id, expires_at) VALUES ($1, $2, $3);

-- Deleting is what makes a code single-use.
-- name: TakeSignInCode :one
DELETE FROM sign_in_codes WHERE code_hash = $1 AND expires_at > $2 RETURNING staff_id;

-- name: AddStaffSession :exec
INSERT INTO staff_sessions (session_hash, staff_id, created_at, expires_at) VALUES ($1, $2, $3, $4);

-- name: StaffOfSession :one
SELECT p.* FROM staff_sessions s JOIN staff p ON p.id = s.staff_id
WHERE s.session_hash = $1 AND s.expires_at > $2;

-- name: EndStaffSession :exec
DELETE FROM staff_sessions WHERE session_hash = $1;

-- name: DropSignInCodes :exec
DELETE FROM sign_in_codes WHERE expires_at <= $1;

-- name: DropStaffSessions :exec
DELETE FROM staff_sessions WHERE expires_at <= $1;
