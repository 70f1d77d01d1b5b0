package token

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Minter makes tokens. It is safe for concurrent use.
type Minter struct {
	issuer string
	key    atomic.Pointer[Key]
	now    func() time.Time
}

// NewMinter signs with the newest of the keys; the older ones stay good for
// verifying until they are dropped there. It copies what it needs.
func NewMinter(issuer string, keys []Key, now func() time.Time) *Minter {
	m := &Minter{issuer: issuer, now: now}
	m.Use(keys)
	return m
}

// Use signs with the newest of these keys from now on.
func (m *Minter) Use(keys []Key) {
	var newest Key
	for i, k := range keys {
		if i == 0 || k.Created.After(newest.Created) {
			newest = k
		}
	}
	m.key.Store(&newest)
}

// Mint makes a token for c that is good from now for ttl, at most [MaxTTL].
// c.ExpiresAt is ignored.
func (m *Minter) Mint(c Claims, ttl time.Duration) (string, error) {
	key := m.key.Load()
	if len(key.Private) == 0 {
		return "", errors.New("token: mint: no key")
	}
	if ttl < time.Second || ttl > MaxTTL {
		return "", fmt.Errorf("token: mint: life of %v is not between 1s and %v", ttl, MaxTTL)
	}
	if err := c.check(); err != nil {
		return "", fmt.Errorf("token: mint: %w", err)
	}
	now := m.now().Unix()
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, &claims{
		Issuer: m.issuer, Subject: c.Participant, Audience: audPrefix + c.Room,
		ExpiresAt: now + int64(ttl/time.Second), NotBefore: now, IssuedAt: now, ID: newID(),
		Name: c.Name, Person: c.Person, Role: string(c.Role),
	})
	t.Header["typ"], t.Header["kid"] = header, key.ID
	signed, err := t.SignedString(key.Private)
	if err != nil {
		return "", fmt.Errorf("token: mint: %w", err)
	}
	if len(signed) > MaxLength {
		return "", errors.New("token: mint: the claims are too long")
	}
	return signed, nil
}

// newID is 128 random bits, so that a token can be told from every other.
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}
