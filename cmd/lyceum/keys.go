package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"crypto/ed25519"

	"lyceum/rooms/token"
)

// Keys change with an overlap: a new one is known for a while before it signs,
// so that every node has read it, and the one before stays good for 30 days.
const (
	keyRests    = 2 * time.Minute
	keyOverlap  = 30 * 24 * time.Hour
	keysChecked = 30 * time.Second
)

// current is the keys that count now, newest first: those not superseded for
// longer than the overlap.
func (s secret) current(now time.Time) []tokenKey {
	keys := slices.Clone(s.Tokens)
	slices.SortFunc(keys, func(a, b tokenKey) int { return b.Created.Compare(a.Created) })
	for i := 1; i < len(keys); i++ {
		if now.Sub(keys[i-1].Created) > keyOverlap {
			return keys[:i]
		}
	}
	return keys
}

// signing is the keys a minter chooses from: those that have rested, or the
// only one there is.
func (s secret) signing(now time.Time) []token.Key {
	var rested []token.Key
	keys := s.current(now)
	for i, k := range keys {
		if now.Sub(k.Created) >= keyRests || i == len(keys)-1 {
			rested = append(rested, token.Key{ID: k.ID, Private: ed25519.NewKeyFromSeed(k.Seed), Created: k.Created})
		}
	}
	return rested
}

// trusted is the public halves of the current keys.
func (s secret) trusted(now time.Time) map[string]ed25519.PublicKey {
	public := map[string]ed25519.PublicKey{}
	for _, k := range s.current(now) {
		public[k.ID] = ed25519.NewKeyFromSeed(k.Seed).Public().(ed25519.PublicKey)
	}
	return public
}

// rotated is s with a new signing key and without those that are too old. The
// site key stays: with another, every ticket that was mailed would be void.
func (s secret) rotated(now time.Time) secret {
	keys := s.current(now)
	id := now.UTC().Format("20060102-150405")
	for n := 2; slices.ContainsFunc(keys, func(k tokenKey) bool { return k.ID == id }); n++ {
		id = fmt.Sprintf("%s-%d", now.UTC().Format("20060102-150405"), n)
	}
	s.Tokens = append([]tokenKey{{ID: id, Seed: randomBytes(ed25519.SeedSize), Created: now.UTC()}}, keys...)
	return s
}

// write replaces the secret file in one step, so that a crash leaves no half file.
func (s secret) write(path string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	beside, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // mode 0600
	if err == nil {
		_, err = beside.Write(append(text, '\n'))
		if err == nil {
			err = beside.Sync()
		}
		if closed := beside.Close(); err == nil {
			err = closed
		}
		if err == nil {
			err = os.Rename(beside.Name(), path)
		}
		if err != nil {
			_ = os.Remove(beside.Name())
		}
	}
	if err != nil {
		return refuse("the secret file %s cannot be written. Choose a place that you may write to: LYCEUM_SECRET_FILE.", path)
	}
	return nil
}

// keepKeys takes up keys that were changed in the secret file, until ctx ends.
// A file that cannot be read leaves the known keys in force.
func (s *site) keepKeys(ctx context.Context) {
	for tick := time.NewTicker(keysChecked); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			s.reloadKeys()
		}
	}
}

func (s *site) reloadKeys() {
	read, err := loadSecret(s.config.SecretFile, false, s.now())
	if err != nil || !slices.Equal(read.Site, s.secret.Site) {
		s.log.Warn("the secret file has changed and cannot be taken up; the keys in memory stay in force", "file", s.config.SecretFile)
		return
	}
	s.verifier.Trust(read.trusted(s.now()))
	s.minter.Use(read.signing(s.now()))
}

// secretCommand makes the secret file, or gives it a new signing key.
func secretCommand(_ context.Context, c console, args []string) error {
	cfg, err := readConfig(c.env)
	if err != nil {
		return err
	}
	if len(args) != 1 || (args[0] != "make" && args[0] != "rotate") {
		return misused("write: lyceum secret make or lyceum secret rotate")
	}
	if args[0] == "make" {
		if _, err := os.Lstat(cfg.SecretFile); err == nil {
			return refuse("the secret file %s is there already. It is kept: with another, every ticket already mailed would be void.", cfg.SecretFile)
		}
		if err := os.MkdirAll(filepath.Dir(cfg.SecretFile), 0o700); err != nil {
			return refuse("the folder of %s cannot be made. Choose another place: LYCEUM_SECRET_FILE.", cfg.SecretFile)
		}
		if _, err := newSecret(cfg.SecretFile, c.now()); err != nil {
			return err
		}
		fmt.Fprintf(c.err, "The secret file is %s. Every node needs the same one. Keep a copy in a safe place.\n", cfg.SecretFile)
		return nil
	}
	old, err := loadSecret(cfg.SecretFile, false, c.now())
	if err != nil {
		return err
	}
	renewed := old.rotated(c.now())
	if err := renewed.write(cfg.SecretFile); err != nil {
		return err
	}
	fmt.Fprintf(c.err, "A new key signs from now on; running sites take it up within %v. The one before stays good for 30 days. Keys kept: %d, dropped: %d.\n",
		keyRests+keysChecked, len(renewed.Tokens), len(old.Tokens)+1-len(renewed.Tokens))
	return nil
}
