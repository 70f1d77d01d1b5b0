package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A load test is bounded before it begins.
func TestLoadTestRefusals(t *testing.T) {
	tokens := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(tokens, []byte("speaker\nlistener\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name string
		args []string
		want string
	}{
		{"no event", []string{"--tokens", tokens}, "write: lyceum loadtest"},
		{"too many subscribers", []string{"--event", "e", "--tokens", tokens, "--subscribers", "1001"}, "between 1 and 1000"},
		{"too long", []string{"--event", "e", "--tokens", tokens, "--for", "11m"}, "between 1s and 10m"},
		{"media that is not there", []string{"--event", "e", "--tokens", tokens, "--media", "smell"}, "there is no media"},
		{"too few tokens", []string{"--event", "e", "--tokens", tokens, "--subscribers", "2"}, "has 2 tokens"},
		{"no file", []string{"--event", "e", "--tokens", tokens + "x"}, "there is no file"},
		{"nobody answers", []string{"--event", "e", "--tokens", tokens, "--subscribers", "1", "--site", "http://127.0.0.1:1"}, "nothing could be published"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var out, said bytes.Buffer
			code := run(t.Context(), console{out: &out, err: &said, now: time.Now}, append([]string{"loadtest"}, row.args...))
			if code == 0 || out.Len() > 0 || !strings.Contains(said.String(), row.want) {
				t.Errorf("code %d, printed %q, said %q, want %q", code, out.String(), said.String(), row.want)
			}
		})
	}
}
