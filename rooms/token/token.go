// Package token mints and verifies room tokens: short-lived JWTs (RFC 7519) that
// a ticket or a staff session is exchanged for and that open one room.
//
// There is one algorithm, EdDSA with Ed25519 (RFC 8037), one type header, one
// audience per token ("room:" and the event's id) and a key id, so that keys can
// be renewed with an overlap. Verifying needs public keys only. Every refusal is
// the same [ErrRefused]: which check failed is nobody's business but the log's,
// and there it would be noise. Parsing is stricter than the RFC asks, because two
// parsers that read one token differently are how tokens get forged: duplicate
// members, unknown header members, arrays for audiences and missing times are
// all refused, and so is everything over [MaxLength] before it is looked at.
package token

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"
	"time"

	"lyceum/rooms"
)

const (
	// MaxLength is the longest token, in bytes. CVE-2025-30204 was a parser that
	// split megabytes of dots.
	MaxLength = 2048
	// MaxTTL is the longest life a token may claim, from issue to expiry.
	MaxTTL = time.Hour
	// Leeway is how far clocks of minting and verifying nodes may differ.
	Leeway = 60 * time.Second

	header    = "lyceum-room+jwt"
	audPrefix = "room:"
)

// ErrRefused is what every bad token gets.
var ErrRefused = errors.New("token: refused")

// Claims is what a token says: who comes, as what, into which room.
type Claims struct {
	Participant, Name, Person, Room string
	Role                            rooms.Role
	ExpiresAt                       time.Time
}

// check is what minting and verifying both demand of the values.
func (c Claims) check() error {
	switch {
	case !identifier(c.Participant):
		return errors.New("token: participant is not an identifier")
	case !identifier(c.Room):
		return errors.New("token: room is not an identifier")
	case c.Person != "" && !identifier(c.Person):
		return errors.New("token: person is not an identifier")
	case len(c.Name) > 400:
		return errors.New("token: name is too long")
	case !c.Role.Known():
		return fmt.Errorf("token: unknown role %q", c.Role)
	}
	return nil
}

// identifier accepts what our ids look like: 1 to 128 letters, digits and -_.:
// They end up in log lines and Redis keys.
func identifier(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		alnum := c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !alnum && !strings.ContainsRune("-_.:", rune(c)) {
			return false
		}
	}
	return true
}

// Key is a signing key. ID goes into the token's header; the key with the latest
// Created signs.
type Key struct {
	ID      string
	Private ed25519.PrivateKey
	Created time.Time
}
