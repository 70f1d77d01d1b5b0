package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lyceum/rooms/token"
)

// Each row would leave a door open, so the site does not start, and says why in
// one sentence (S16).
func TestWhatLeavesADoorOpenDoesNotStart(t *testing.T) {
	file := func(mode os.FileMode, change func(*secret)) string {
		path := filepath.Join(t.TempDir(), "secret.json")
		s, err := newSecret(path, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		change(&s)
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	same := func(*secret) {}
	for _, row := range []struct{ name, variable, value, want string }{
		{"a secret file that others may read", "LYCEUM_SECRET_FILE", file(0o644, same), "other users may read"},
		{"a secret file that the group may read", "LYCEUM_SECRET_FILE", file(0o640, same), "other users may read"},
		{"a site key out of an example", "LYCEUM_SECRET_FILE", file(0o600, func(s *secret) { s.Site = []byte("change-me-change-me-change-me-00") }), "is an example"},
		{"a site key of zeros", "LYCEUM_SECRET_FILE", file(0o600, func(s *secret) { s.Site = make([]byte, 32) }), "is an example"},
		{"a short site key", "LYCEUM_SECRET_FILE", file(0o600, func(s *secret) { s.Site = s.Site[:16] }), "is damaged"},
		{"a signing key of zeros", "LYCEUM_SECRET_FILE", file(0o600, func(s *secret) { s.Tokens[0].Seed = make([]byte, 32) }), "is an example"},
		{"a remote Redis without a password", "LYCEUM_REDIS_URL", "redis://redis.internal:6379", "without a password"},
		{"a remote Redis with a user and no password", "LYCEUM_REDIS_URL", "redis://lyceum@10.0.0.7:6379", "without a password"},
		{"a remote Redis with an example's password", "LYCEUM_REDIS_URL", "redis://:changeme@10.0.0.7:6379", "is an example"},
		{"a remote NATS without a password", "LYCEUM_NATS_URL", "nats://a.internal:4222,b.internal:4222", "without a password"},
		{"a remote NATS with an example's password", "LYCEUM_NATS_URL", "nats://lyceum:secret@a.internal", "is an example"},
		{"figures on every address", "LYCEUM_METRICS_LISTEN", ":9090", "to everybody"},
		{"figures on a public address", "LYCEUM_METRICS_LISTEN", "192.0.2.7:9090", "to everybody"},
		{"a mail server with an example's password", "LYCEUM_MAIL_URL", "smtp://library:password@mail.example", "is an example"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var out bytes.Buffer
			env := append(demoEnv(t.TempDir()), row.variable+"="+row.value)
			code := run(t.Context(), console{out: &out, err: &out, now: time.Now, env: env}, []string{"serve"})
			if code == 0 || !strings.Contains(out.String(), row.want) || strings.Count(out.String(), "\n") != 1 {
				t.Errorf("code %d, printed %q, want one line with %q", code, out.String(), row.want)
			}
		})
	}
	for url, want := range map[string]string{
		"postgres://lyceum@db.internal/lyceum":                  "without a password",
		"postgres://lyceum:postgres@db.internal/lyceum":         "is an example",
		"postgres://lyceum:0f8ad21c77b1e0d4@db.internal/lyceum": "LYCEUM_SECRET_FILE",
		"postgres://lyceum@127.0.0.1/lyceum":                    "",
		"sqlite:/srv/lyceum.db":                                 "",
	} {
		err := config{Data: "data", SecretFile: filepath.Join("data", "secret.json"), DatabaseURL: url}.checkSecrets()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", url, err, want)
		}
	}
}

func TestOneCredentialCountsForAWholeCluster(t *testing.T) {
	good := config{NATSURL: "nats://lyceum:0f8ad21c77b1e0d4@a.internal,b.internal,c.internal", RedisURL: "rediss://:0f8ad21c77b1e0d4@r.internal"}
	if err := good.checkSecrets(); err != nil {
		t.Error(err)
	}
}

// Tokens stay good over a rotation; after 30 days the old key is gone, and the
// site key, which tickets hang on, never changes.
func TestRotatingKeys(t *testing.T) {
	data := t.TempDir()
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	env := []string{"LYCEUM_DATA=" + data}
	do := func(args ...string) (string, int) {
		var said bytes.Buffer
		code := run(t.Context(), console{out: &said, err: &said, now: func() time.Time { return now }, env: env}, args)
		return said.String(), code
	}
	if said, code := do("secret", "rotate"); code == 0 || !strings.Contains(said, "lyceum secret make") {
		t.Errorf("rotating nothing: %q", said)
	}
	if said, code := do("secret", "make"); code != 0 {
		t.Fatal(said)
	}
	if said, code := do("secret", "make"); code == 0 || !strings.Contains(said, "is there already") {
		t.Errorf("a secret was made over another: %q", said)
	}
	now = now.Add(24 * time.Hour)
	read := func() secret {
		s, err := loadSecret(filepath.Join(data, "secret.json"), false, now)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := read()
	mint := func(s secret) string {
		text, err := token.NewMinter(s.issuer(), s.signing(now), func() time.Time { return now }).Mint(token.Claims{Participant: "p", Name: "Reader", Person: "x", Room: "r", Role: "attendee"}, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	good := func(s secret, text string) bool {
		_, err := token.NewVerifier(s.issuer(), s.trusted(now), func() time.Time { return now }).Verify(text)
		return err == nil
	}
	before := mint(first)
	if said, code := do("secret", "rotate"); code != 0 {
		t.Fatal(said)
	}
	second := read()
	if len(second.Tokens) != 2 || !bytes.Equal(second.Site, first.Site) || !good(second, before) {
		t.Errorf("after a rotation: %d keys, the token before is good: %v", len(second.Tokens), good(second, before))
	}
	// A node that has not yet read the new key must understand what others sign.
	if !good(first, mint(second)) {
		t.Error("the new key signs before every node can know it")
	}
	now = now.Add(keyRests)
	if good(first, mint(second)) || !good(second, mint(second)) {
		t.Error("the new key does not sign after its rest")
	}
	now = now.Add(keyOverlap + time.Hour)
	if n := len(second.trusted(now)); n != 1 {
		t.Errorf("after 30 days %d keys are trusted", n)
	}
	if said, code := do("secret", "rotate"); code != 0 || !strings.Contains(said, "dropped: 1") || len(read().Tokens) != 2 {
		t.Errorf("the second rotation: %s", said)
	}
	info, err := os.Stat(filepath.Join(data, "secret.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v %v", info.Mode(), err)
	}
}
