package token_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"lyceum/rooms/token"
)

// A key that is taken up signs at once; one that is dropped opens nothing more.
func TestKeysChangeWhileTheSiteRuns(t *testing.T) {
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	key := func(id string, age time.Duration) token.Key {
		seed := make([]byte, ed25519.SeedSize)
		copy(seed, id)
		return token.Key{ID: id, Private: ed25519.NewKeyFromSeed(seed), Created: now.Add(-age)}
	}
	public := func(keys ...token.Key) map[string]ed25519.PublicKey {
		out := map[string]ed25519.PublicKey{}
		for _, k := range keys {
			out[k.ID] = k.Private.Public().(ed25519.PublicKey)
		}
		return out
	}
	before, after := key("old", time.Hour), key("new", 0)
	minter := token.NewMinter("library", []token.Key{before}, clock)
	verifier := token.NewVerifier("library", public(before), clock)
	mint := func() string {
		text, err := minter.Mint(token.Claims{Participant: "p", Name: "Reader", Person: "x", Room: "r", Role: "attendee"}, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	good := func(text string) bool { _, err := verifier.Verify(text); return err == nil }
	first := mint()
	minter.Use([]token.Key{after, before})
	second := mint()
	if !good(first) || good(second) {
		t.Fatalf("before the new key is trusted: %v %v", good(first), good(second))
	}
	if verifier.Trust(public(before, after)); !good(first) || !good(second) {
		t.Error("with both keys, both tokens are good")
	}
	if verifier.Trust(public(after)); good(first) || !good(second) {
		t.Error("without the old key, its token is refused")
	}
}
