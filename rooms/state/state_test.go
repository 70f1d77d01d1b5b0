package state_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lyceum/rooms/state"
	"lyceum/rooms/state/embedded"
	"lyceum/rooms/state/statetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func mustOpen(t *testing.T, url string) *state.Store {
	t.Helper()
	s, err := state.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestEmbeddedKeepsTheContract(t *testing.T) {
	statetest.Run(t, func(t *testing.T) *state.Store { return mustOpen(t, "embedded") })
}

func TestRedisServerKeepsTheContract(t *testing.T) {
	statetest.Run(t, func(t *testing.T) *state.Store { return mustOpen(t, "redis://"+mustRedis(t)+"/0") })
}

// mustRedis starts a redis-server of its own and returns its address.
func mustRedis(t *testing.T) string {
	t.Helper()
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("redis-server is not installed; scripts/test installs it")
		}
		t.Skip("redis-server is not installed")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_, port, _ := net.SplitHostPort(addr)
	l.Close()
	cmd := exec.Command(bin, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	waitListening(t, addr)
	return addr
}

// waitListening dials by itself: a client that failed once waits a second before
// it tries again.
func waitListening(t *testing.T, addr string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("redis-server does not listen after 10 s")
		}
	}
}

func TestStalledServerEndsEveryCallInTime(t *testing.T) {
	server, err := embedded.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	proxy := statetest.NewProxy(t, server.Addr())
	s := mustOpen(t, strings.Replace(server.URL(), server.Addr(), proxy.Addr(), 1))
	if err := s.Save(t.Context(), "r", 1, 0, nil, []byte("x")); err != nil {
		t.Fatal(err)
	}
	proxy.Stall(true)
	calls := map[string]func() error{
		"save":    func() error { return s.Save(context.Background(), "r", 1, 0, nil, []byte("y")) },
		"load":    func() error { _, err := s.Load(context.Background(), "r"); return err },
		"healthy": func() error { return s.Healthy(context.Background()) },
	}
	for name, call := range calls {
		start := time.Now()
		if call() == nil {
			t.Errorf("%s worked against a stalled server", name)
		}
		if took := time.Since(start); took > 2*state.Timeout {
			t.Errorf("%s took %v, want at most about %v", name, took, state.Timeout)
		}
	}
	proxy.Stall(false)
	if err := s.Save(t.Context(), "r", 1, 1, nil, []byte("z")); err != nil {
		t.Errorf("after the stall: %v", err)
	}
}

func TestServerThatIsDownIsAnError(t *testing.T) {
	s := mustOpen(t, "redis://127.0.0.1:1/0")
	if _, err := s.Load(t.Context(), "r"); err == nil || errors.Is(err, state.ErrStale) {
		t.Errorf("load: %v, want an error of the connection", err)
	}
}

func TestBadAddressDoesNotShowItsPassword(t *testing.T) {
	_, err := state.Open(t.Context(), "redis://user:hunter2@host:not-a-port/0")
	if err == nil || strings.Contains(fmt.Sprint(err), "hunter2") {
		t.Errorf("got %v, want an error without the password", err)
	}
}
