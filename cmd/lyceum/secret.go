package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"
)

// secret is what must never leak and never be lost: with the site key gone,
// every ticket that was mailed is void.
type secret struct {
	// Site keys tickets and the hashes of persons; 32 random bytes.
	Site []byte `json:"site"`
	// Tokens are the room tokens' signing keys, newest first.
	Tokens []tokenKey `json:"tokens"`
}

type tokenKey struct {
	ID      string    `json:"id"`
	Seed    []byte    `json:"seed"` // Ed25519 seed, 32 bytes (RFC 8032, section 5.1.5)
	Created time.Time `json:"created"`
}

// loadSecret reads the secret file, or makes it when there is none and make is
// set. A file that others may read is refused.
func loadSecret(path string, make bool, now time.Time) (secret, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) && make {
		return newSecret(path, now)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return secret{}, refuse("there is no secret file %s. Restore yours, or make one with lyceum secret make.", path)
	}
	if err != nil {
		return secret{}, refuse("the secret file %s cannot be read. Run this as the user who owns it, or set LYCEUM_SECRET_FILE.", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return secret{}, refuse("other users may read the secret file %s. Run: chmod 600 %s", path, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return secret{}, refuse("the secret file %s cannot be read. Run this as the user who owns it.", path)
	}
	var s secret
	if json.Unmarshal(text, &s) != nil || len(s.Site) != 32 || len(s.Tokens) == 0 {
		return secret{}, refuse("the secret file %s is damaged. Restore it from your backup: without it, the tickets already mailed are void.", path)
	}
	if madeUp(s.Site) {
		return secret{}, refuse("the site key in the secret file %s is an example, which anybody knows. Make a real one: move the file away and run lyceum secret make.", path)
	}
	for _, k := range s.Tokens {
		if len(k.Seed) == ed25519.SeedSize && madeUp(k.Seed) {
			return secret{}, refuse("a signing key in the secret file %s is an example, which anybody knows. Make a real one: move the file away and run lyceum secret make.", path)
		}
		if len(k.Seed) != ed25519.SeedSize || k.ID == "" {
			return secret{}, refuse("the secret file %s has a damaged signing key. Restore it from your backup.", path)
		}
	}
	return s, nil
}

func newSecret(path string, now time.Time) (secret, error) {
	s := secret{Site: randomBytes(32), Tokens: []tokenKey{{ID: now.UTC().Format("20060102-150405"), Seed: randomBytes(ed25519.SeedSize), Created: now.UTC()}}}
	return s, s.write(path)
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand, Go 1.24)
	return b
}

// issuer names this site in its tokens (RFC 7519, section 4.1.1). It comes from
// the site key, so it stays when the site's address changes.
func (s secret) issuer() string {
	sum := sha256.Sum256(append([]byte("issuer\x00"), s.Site...))
	return "lyceum:" + hex.EncodeToString(sum[:8])
}
