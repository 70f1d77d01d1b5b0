package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// screen collects what a command prints while the test reads it.
type screen struct {
	lines chan string // one line each; the reader keeps up, so 256 is plenty
	mu    sync.Mutex  // commands and the log write at the same time
	rest  []byte
}

func newScreen() *screen { return &screen{lines: make(chan string, 256)} }

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest = append(s.rest, b...)
	for {
		line, rest, found := bytes.Cut(s.rest, []byte("\n"))
		if !found {
			return len(b), nil
		}
		s.rest = rest
		select {
		case s.lines <- string(line):
		default:
			return 0, errors.New("nobody reads the screen")
		}
	}
}

// until answers the first line that matches.
func (s *screen) until(t *testing.T, pattern string) []string {
	t.Helper()
	want := regexp.MustCompile(pattern)
	deadline := time.After(20 * time.Second)
	var seen []string
	for {
		select {
		case line := <-s.lines:
			seen = append(seen, line)
			if m := want.FindStringSubmatch(line); m != nil {
				return m
			}
		case <-deadline:
			t.Fatalf("no line matches %s in\n%s", pattern, strings.Join(seen, "\n"))
		}
	}
}

// startDemo runs the demo on free ports until the test ends or stop is called.
func startDemo(t *testing.T, data string) (url string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out := newScreen()
	code := make(chan int, 1)
	c := console{out: out, err: out, now: time.Now, env: demoEnv(data)}
	go func() { code <- run(ctx, c, []string{"demo"}) }()
	url = out.until(t, `Events +(http://\S+)/events`)[1]
	out.until(t, "Ctrl-C ends it")
	ended := false
	stop = func() int {
		cancel()
		if ended {
			return 0
		}
		ended = true
		select {
		case c := <-code:
			return c
		case <-time.After(10 * time.Second):
			t.Error("the demo does not end")
			return -1
		}
	}
	t.Cleanup(func() { stop() })
	return url, stop
}

func demoEnv(data string) []string {
	return []string{"LYCEUM_DATA=" + data, "LYCEUM_LISTEN=127.0.0.1:0", "LYCEUM_MEDIA_ADDR=127.0.0.1:0"}
}

func body(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(r.Body); err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", url, r.Status)
	}
	return b.String()
}

func TestTheDemoStartsEndsAndKeepsItsData(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	url, stop := startDemo(t, data)
	id := regexp.MustCompile(`"id":"([^"]+)"`)
	first := body(t, url+"/api/events")
	if n := len(id.FindAllString(first, -1)); n < 12 {
		t.Fatalf("the demo has %d events, want a dozen", n)
	}
	if !strings.Contains(first, `"live":true`) {
		t.Error("no event is live")
	}
	body(t, url+"/readyz")
	began := time.Now()
	if code := stop(); code != 0 {
		t.Fatalf("it ended with code %d", code)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v to end", took)
	}
	url, _ = startDemo(t, data)
	second := body(t, url+"/api/events")
	if id.FindString(first) != id.FindString(second) {
		t.Error("the second start does not have the first one's events")
	}
}

func TestStartRefusals(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	busy := t.TempDir()
	unlock, err := lockFolder(busy)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	for _, row := range []struct {
		name string
		env  []string
		args []string
		want string
	}{
		{"a busy port", append(demoEnv(t.TempDir()), "LYCEUM_LISTEN="+taken.Addr().String()), []string{"demo"}, "is taken by another program"},
		{"a busy media port", append(demoEnv(t.TempDir()), "LYCEUM_MEDIA_ADDR="+taken.Addr().String()), []string{"demo"}, "is taken by another program"},
		{"a second instance on the same folder", demoEnv(busy), []string{"demo"}, "another Lyceum is running"},
		{"a folder that cannot be made", demoEnv("/proc/nowhere"), []string{"demo"}, "cannot be made"},
		{"the demo on a public address", append(demoEnv(t.TempDir()), "LYCEUM_LISTEN=0.0.0.0:0"), []string{"demo"}, "this machine only"},
		{"a command that is not there", nil, []string{"sing"}, "there is no command"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var out bytes.Buffer
			code := run(t.Context(), console{out: &out, err: &out, now: time.Now, env: row.env}, row.args)
			if code == 0 || !strings.Contains(out.String(), row.want) || strings.Count(out.String(), "\n") != 1 {
				t.Errorf("code %d, printed %q, want one line with %q", code, out.String(), row.want)
			}
		})
	}
}

// The tools act on the database while no site runs, and print values alone on
// standard output.
func TestTools(t *testing.T) {
	data := t.TempDir()
	tool := func(args ...string) (string, string, int) {
		var out, said bytes.Buffer
		code := run(t.Context(), console{out: &out, err: &said, now: time.Now, env: demoEnv(data)}, args)
		return strings.TrimSpace(out.String()), said.String(), code
	}
	if _, said, code := tool("migrate"); code != 0 {
		t.Fatal(said)
	}
	id, said, code := tool("event", "add", "--title", "A talk", "--kind", "author-talk", "--starts", "now")
	if code != 0 || len(id) != 36 {
		t.Fatalf("event add: %q %s", id, said)
	}
	link, said, code := tool("staff", "add", "someone@library.invalid", "--right", "admin")
	if code != 0 || !strings.HasPrefix(link, "/staff/sign-in#") {
		t.Fatalf("staff add: %q %s", link, said)
	}
	tokens, said, code := tool("token", "--event", id, "--role", "host", "--count", "3")
	if code != 0 || len(strings.Fields(tokens)) != 3 {
		t.Fatalf("token: %q %s", tokens, said)
	}
	for _, args := range [][]string{{"event", "move", id, "--starts", "2031-01-31T18:00:00Z"}, {"event", "cancel", id}} {
		if _, said, code := tool(args...); code != 0 {
			t.Errorf("%v: %s", args, said)
		}
	}
	for _, args := range [][]string{{"event", "cancel", "nothing"}, {"token", "--event", id, "--role", "king"}, {"staff", "add", "x", "--right", "admin"}, {"event", "add", "--starts", "tomorrow"}, {"event"}} {
		if out, said, code := tool(args...); code == 0 || out != "" || said == "" {
			t.Errorf("%v was accepted: %q", args, out)
		}
	}
}
