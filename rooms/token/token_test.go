package token_test

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"lyceum/rooms"
	"lyceum/rooms/token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const issuer = "https://library.example"

var t0 = time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)

// mustKey is the same key every time; the seed's first byte tells keys apart.
func mustKey(id string, seed byte) token.Key {
	return token.Key{ID: id, Private: ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(rune(seed)), ed25519.SeedSize)))}
}

func publicOf(keys ...token.Key) map[string]ed25519.PublicKey {
	m := map[string]ed25519.PublicKey{}
	for _, k := range keys {
		m[k.ID] = k.Private.Public().(ed25519.PublicKey)
	}
	return m
}

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func claims() token.Claims {
	return token.Claims{Participant: "reg-1", Name: "Ada Example", Person: "hash_1", Room: "event-1", Role: rooms.RoleSpeaker}
}

func mustMint(t testing.TB, m *token.Minter, c token.Claims, ttl time.Duration) string {
	t.Helper()
	signed, err := m.Mint(c, ttl)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestWhatIsMintedIsVerified(t *testing.T) {
	key := mustKey("k1", 'a')
	v := token.NewVerifier(issuer, publicOf(key), at(t0))
	m := token.NewMinter(issuer, []token.Key{key}, at(t0))
	signed := mustMint(t, m, claims(), 5*time.Minute)
	got, err := v.Verify(signed)
	if err != nil {
		t.Fatal(err)
	}
	want := claims()
	want.ExpiresAt = t0.Add(5 * time.Minute)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("claims (-want +got):\n%s", d)
	}
	if signed == mustMint(t, m, claims(), 5*time.Minute) {
		t.Error("two tokens are the same; jti is missing")
	}
}

func TestTokenHoldsWithinItsTimesAndTheLeeway(t *testing.T) {
	key := mustKey("k1", 'a')
	signed := mustMint(t, token.NewMinter(issuer, []token.Key{key}, at(t0)), claims(), 5*time.Minute)
	for after, want := range map[time.Duration]bool{
		-61 * time.Second: false, -60 * time.Second: true, 0: true, 5 * time.Minute: true,
		5*time.Minute + 59*time.Second: true, 5*time.Minute + 60*time.Second: false, 24 * time.Hour: false,
	} {
		_, err := token.NewVerifier(issuer, publicOf(key), at(t0.Add(after))).Verify(signed)
		if (err == nil) != want {
			t.Errorf("%v after minting: %v, want accepted %v", after, err, want)
		}
	}
}

func TestTheNewestKeySignsAndOlderOnesStillVerify(t *testing.T) {
	older, newer := mustKey("k1", 'a'), mustKey("k2", 'b')
	older.Created, newer.Created = t0.Add(-30*24*time.Hour), t0
	v := token.NewVerifier(issuer, publicOf(older, newer), at(t0))
	onlyOlder := token.NewVerifier(issuer, publicOf(older), at(t0))
	before := mustMint(t, token.NewMinter(issuer, []token.Key{older}, at(t0)), claims(), time.Minute)
	after := mustMint(t, token.NewMinter(issuer, []token.Key{newer, older}, at(t0)), claims(), time.Minute)
	for _, signed := range []string{before, after} {
		if _, err := v.Verify(signed); err != nil {
			t.Error(err)
		}
	}
	if _, err := onlyOlder.Verify(after); !errors.Is(err, token.ErrRefused) {
		t.Errorf("the newest key did not sign: %v", err)
	}
}

func TestMintRefusesWhatVerifyWould(t *testing.T) {
	m := token.NewMinter(issuer, []token.Key{mustKey("k1", 'a')}, at(t0))
	rows := []struct {
		name string
		edit func(*token.Claims)
		ttl  time.Duration
	}{
		{"no participant", func(c *token.Claims) { c.Participant = "" }, time.Minute},
		{"a participant with a line break", func(c *token.Claims) { c.Participant = "a\nb" }, time.Minute},
		{"no room", func(c *token.Claims) { c.Room = "" }, time.Minute},
		{"an unknown role", func(c *token.Claims) { c.Role = "admin" }, time.Minute},
		{"a very long name", func(c *token.Claims) { c.Name = strings.Repeat("n", 401) }, time.Minute},
		{"more than an hour", func(*token.Claims) {}, time.Hour + time.Second},
		{"no life at all", func(*token.Claims) {}, 0},
	}
	for _, row := range rows {
		c := claims()
		row.edit(&c)
		if _, err := m.Mint(c, row.ttl); err == nil {
			t.Errorf("%s: minted", row.name)
		}
	}
	if _, err := token.NewMinter(issuer, nil, at(t0)).Mint(claims(), time.Minute); err == nil {
		t.Error("minted without a key")
	}
}
