package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A setting that cannot work stops the start with one sentence that says what
// to do.
func TestConfigRefusesInPlainWords(t *testing.T) {
	for _, row := range []struct {
		name string
		env  []string
		want string
	}{
		{"an unknown variable names the nearest right one", []string{"LYCEUM_LISTN=:80"}, "Did you mean LYCEUM_LISTEN?"},
		{"an address without a port", []string{"LYCEUM_LISTEN=localhost"}, "Write host:port"},
		{"a media address without a port", []string{"LYCEUM_MEDIA_ADDR=127.0.0.1"}, "Write host:port"},
		{"a public address without a scheme", []string{"LYCEUM_PUBLIC_URL=live.library.example"}, "Write it like https://"},
		{"a public address with a path", []string{"LYCEUM_PUBLIC_URL=https://library.example/live"}, "Write it like https://"},
		{"plain http on a public name", []string{"LYCEUM_PUBLIC_URL=http://library.example"}, "use an https address"},
		{"rate limits off on a public address", []string{"LYCEUM_LISTEN=0.0.0.0:8080", "LYCEUM_RATE_LIMITS=off"}, "must both be loopback"},
		{"rate limits neither on nor off", []string{"LYCEUM_RATE_LIMITS=maybe"}, "Write on or off"},
		{"a database of another kind", []string{"LYCEUM_DATABASE_URL=mysql://x"}, "must begin with sqlite: or postgres://"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := readConfig(row.env)
			var said *refusal
			if !errors.As(err, &said) || !strings.Contains(said.sentence, row.want) {
				t.Errorf("got %v, want a refusal with %q", err, row.want)
			}
		})
	}
}

func TestConfigDefaultsWorkOnOneMachine(t *testing.T) {
	c, err := readConfig([]string{"HOME=/nowhere", "LYCEUM_DATA=d"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || c.SecretFile != filepath.Join("d", "secret.json") || mailFolder(c) != filepath.Join("d", "mail") {
		t.Errorf("unexpected defaults: %+v", c)
	}
}

func TestSecretFile(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	path := filepath.Join(t.TempDir(), "secret.json")
	made, err := loadSecret(path, true, now)
	if err != nil {
		t.Fatal(err)
	}
	read, err := loadSecret(path, false, now)
	if err != nil || string(read.Site) != string(made.Site) || read.issuer() != made.issuer() {
		t.Fatalf("what was made is not what is read: %v", err)
	}
	for _, row := range []struct {
		name, text string
		mode       os.FileMode
		want       string
	}{
		{"readable by others", "", 0o644, "chmod 600"},
		{"damaged", "{", 0o600, "is damaged"},
		{"a short site key", `{"site":"AAAA","tokens":[{"id":"a"}]}`, 0o600, "is damaged"},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secret.json")
			if err := os.WriteFile(path, []byte(row.text), row.mode); err != nil {
				t.Fatal(err)
			}
			if _, err := loadSecret(path, true, now); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
	if _, err := loadSecret(filepath.Join(t.TempDir(), "none"), false, now); err == nil {
		t.Error("a missing secret was accepted")
	}
}

func TestASecondLyceumOnTheSameFolderIsRefused(t *testing.T) {
	dir := t.TempDir()
	unlock, err := lockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockFolder(dir); err == nil || !strings.Contains(err.Error(), "another Lyceum is running") {
		t.Errorf("got %v", err)
	}
	unlock()
	unlock, err = lockFolder(dir)
	if err != nil {
		t.Fatalf("after the first ended: %v", err)
	}
	unlock()
}
