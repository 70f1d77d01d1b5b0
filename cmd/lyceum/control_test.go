package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// command runs one command line on a data folder and answers what it printed.
func command(t *testing.T, env []string, args ...string) (out, said string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), console{out: &o, err: &e, now: time.Now, env: env}, args)
	return strings.TrimSpace(o.String()), e.String(), code
}

// The same command does the same with and without a running site; with one, it
// is the site that acts.
func TestToolsActThroughTheRunningSite(t *testing.T) {
	// Socket paths are short; a deep folder must not matter.
	data := filepath.Join(t.TempDir(), strings.Repeat("deep", 25))
	url, stop := startDemo(t, data)
	info, err := os.Stat(filepath.Join(data, controlName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the socket: %v %v", info, err)
	}
	env := []string{"LYCEUM_DATA=" + data}
	id, said, code := command(t, env, "event", "add", "--title", "Added while it runs", "--starts", "2031-01-31T18:00:00Z")
	if code != 0 || len(id) != 36 {
		t.Fatalf("event add: %q %s", id, said)
	}
	if page := body(t, url+"/api/events/"+id); !strings.Contains(page, `"timeZone":"Europe/London"`) {
		t.Errorf("the site shows %s", page)
	}
	for _, args := range [][]string{{"event", "cancel", id}, {"mail", "test", "someone@library.invalid"}} {
		if _, said, code := command(t, env, args...); code != 0 {
			t.Errorf("%v: %s", args, said)
		}
	}
	for _, row := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"event", "cancel", "nothing"}, 1, "there is no event"},
		{[]string{"event", "add", "--starts", "tomorrow"}, 2, "is not a time"},
		{[]string{"mail", "test", "nobody"}, 1, "This is no mail address"},
	} {
		if out, said, code := command(t, env, row.args...); code != row.code || out != "" || !strings.Contains(said, row.want) {
			t.Errorf("%v: code %d, %q %q", row.args, code, out, said)
		}
	}
	tokens, _, _ := command(t, env, "token", "--event", id, "--role", "attendee", "--count", "500")
	if n := len(strings.Fields(tokens)); n != 500 {
		t.Errorf("%d tokens", n)
	}
	stop()
	if _, err := os.Stat(filepath.Join(data, controlName)); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
	if _, said, code := command(t, env, "mail", "test", "someone@library.invalid"); code != 1 || !strings.Contains(said, "no site is running") {
		t.Errorf("without a site: %d %s", code, said)
	}
	// A killed site leaves its socket behind.
	if err := os.WriteFile(filepath.Join(data, controlName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if again, said, code := command(t, env, "event", "add", "--title", "Added alone", "--starts", "2031-01-31T18:00:00Z"); code != 0 || len(again) != 36 {
		t.Errorf("event add alone: %q %s", again, said)
	}
	startDemo(t, data)
}
