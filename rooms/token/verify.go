package token

import (
	"crypto/ed25519"
	"maps"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"lyceum/rooms"
)

// Verifier reads tokens. It is safe for concurrent use.
type Verifier struct {
	issuer string
	public atomic.Pointer[map[string]ed25519.PublicKey]
	now    func() time.Time
}

// NewVerifier accepts tokens by issuer, signed by one of the public keys, which
// are named by key id.
func NewVerifier(issuer string, public map[string]ed25519.PublicKey, now func() time.Time) *Verifier {
	v := &Verifier{issuer: issuer, now: now}
	v.Trust(public)
	return v
}

// Trust accepts these keys and no others from now on.
func (v *Verifier) Trust(public map[string]ed25519.PublicKey) {
	copied := maps.Clone(public)
	v.public.Store(&copied)
}

// Verify returns what a good token says. Every other answer is [ErrRefused].
func (v *Verifier) Verify(token string) (Claims, error) {
	signed, signature, ok := v.split(token)
	if !ok {
		return Claims{}, ErrRefused
	}
	headerPart, payloadPart, _ := strings.Cut(signed, ".")
	key, ok := v.key(headerPart)
	if !ok || jwt.SigningMethodEdDSA.Verify(signed, signature, key) != nil {
		return Claims{}, ErrRefused
	}
	// Only signed bytes are parsed further; forged ones end above.
	raw, err := decodeSegment(payloadPart)
	if err != nil {
		return Claims{}, ErrRefused
	}
	var c claims
	members := []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "name", "person", "role"}
	if decodeObject(raw, &c, members) != nil || !v.timely(c) || c.Issuer != v.issuer || c.ID == "" {
		return Claims{}, ErrRefused
	}
	return accept(c)
}

func accept(c claims) (Claims, error) {
	room, ok := strings.CutPrefix(c.Audience, audPrefix)
	claims := Claims{
		Participant: c.Subject, Name: c.Name, Person: c.Person, Room: room,
		Role: rooms.Role(c.Role), ExpiresAt: time.Unix(c.ExpiresAt, 0).UTC(),
	}
	if !ok || claims.check() != nil {
		return Claims{}, ErrRefused
	}
	return claims, nil
}

// split cuts a token of exactly three parts into what is signed and the
// signature (RFC 7515, section 5.2).
func (v *Verifier) split(token string) (signed string, signature []byte, ok bool) {
	if len(token) > MaxLength || strings.Count(token, ".") != 2 {
		return "", nil, false
	}
	last := strings.LastIndexByte(token, '.')
	signature, err := decodeSegment(token[last+1:])
	if err != nil || len(signature) != ed25519.SignatureSize {
		return "", nil, false
	}
	return token[:last], signature, true
}

// key reads the header, which may hold these three members and nothing else: a
// "crit", "jwk" or "x5u" would ask us to trust something we do not understand.
func (v *Verifier) key(part string) (ed25519.PublicKey, bool) {
	raw, err := decodeSegment(part)
	if err != nil {
		return nil, false
	}
	var h struct {
		Algorithm string `json:"alg"`
		Type      string `json:"typ"`
		KeyID     string `json:"kid"`
	}
	if decodeObject(raw, &h, []string{"alg", "typ", "kid"}) != nil {
		return nil, false
	}
	key, known := (*v.public.Load())[h.KeyID]
	return key, known && len(key) == ed25519.PublicKeySize &&
		h.Algorithm == jwt.SigningMethodEdDSA.Alg() && h.Type == header
}

// timely checks the three times against now and each other. A zero one is one
// that was missing.
func (v *Verifier) timely(c claims) bool {
	now, leeway := v.now().Unix(), int64(Leeway/time.Second)
	life := c.ExpiresAt - c.IssuedAt
	return c.IssuedAt > 0 && c.NotBefore > 0 && c.ExpiresAt > 0 &&
		life > 0 && life <= int64(MaxTTL/time.Second) &&
		c.NotBefore <= now+leeway && c.IssuedAt <= now+leeway &&
		now < c.ExpiresAt+leeway
}
