package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"
)

// sessionLife is how long a staff session lasts from sign-in, whatever happens
// in it: one working day.
const sessionLife = 12 * time.Hour

// NewSecret makes a sign-in code or a session: 256 random bits in 43 characters
// of base64url.
func NewSecret() string {
	var b [32]byte
	rand.Read(b[:]) // never fails since Go 1.24: the process ends instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// HashSecret is what is stored of a code or session. SHA-256 without salt is
// enough: the secrets are random, so there is nothing to look up.
func HashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// sessionCookie is the Set-Cookie value for a session; "" ends it.
func (s *site) sessionCookie(session string) string {
	c := http.Cookie{
		Name: s.address.cookie(), Value: session, Path: "/",
		HttpOnly: true, Secure: s.address.secure, SameSite: http.SameSiteLaxMode, MaxAge: int(sessionLife / time.Second),
	}
	if session == "" {
		c.MaxAge = -1
	}
	return c.String()
}
