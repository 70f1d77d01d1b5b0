package bus_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"lyceum/server/bus"
	"lyceum/server/bus/bustest"
)

// TestMain turns this test binary into a NATS server when it was started as one.
func TestMain(m *testing.M) {
	if file := os.Getenv(serverConfig); file != "" {
		if err := serveNATS(file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func mustOpen(t *testing.T, url, dir string) *bus.Bus {
	t.Helper()
	b, err := bus.Open(t.Context(), url, dir, quiet())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// mustServe runs a NATS server that listens on a loopback port and keeps its streams in dir.
func mustServe(t *testing.T, dir string, port int, jetStream bool) *server.Server {
	t.Helper()
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, NoSigs: true, NoLog: true, JetStream: jetStream, StoreDir: dir, SyncAlways: true})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("the test's NATS server did not start")
	}
	t.Cleanup(func() { mustEnd(srv) })
	return srv
}

func mustEnd(srv *server.Server) {
	srv.Shutdown()
	srv.WaitForShutdown()
}

func TestEmbeddedBusKeepsTheContract(t *testing.T) {
	t.Parallel()
	bustest.Run(t, func(t *testing.T) func() *bus.Bus {
		dir := t.TempDir()
		return func() *bus.Bus { return mustOpen(t, "embedded", dir) }
	})
}

func TestBusOverTheNetworkKeepsTheContract(t *testing.T) {
	t.Parallel()
	bustest.Run(t, func(t *testing.T) func() *bus.Bus {
		srv := mustServe(t, t.TempDir(), server.RANDOM_PORT, true)
		return func() *bus.Bus { return mustOpen(t, srv.ClientURL(), "") }
	})
}

// A server that comes back without its folder has no stream and no consumer: both are made again without a restart of ours.
func TestBusHealsWhenTheServerLostEverything(t *testing.T) {
	t.Parallel()
	srv := mustServe(t, t.TempDir(), server.RANDOM_PORT, true)
	port := srv.Addr().(*net.TCPAddr).Port
	b := mustOpen(t, srv.ClientURL(), "")
	defer b.Close()
	seen := make(chan string, 100)
	if _, err := b.Consume(context.Background(), "email", "mail.>", func(_ context.Context, m bus.Message) error {
		seen <- m.Key
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	mustEnd(srv)
	if err := b.Publish(t.Context(), "mail.test", "down", nil); err == nil {
		t.Error("a message was accepted while the server was down")
	}
	mustServe(t, t.TempDir(), port, true)
	deadline := time.After(30 * time.Second)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for n := 0; ; n++ {
		_ = b.Publish(t.Context(), "mail.test", fmt.Sprint("up", n), nil) // fails until the connection is back, as the relay sees it
		select {
		case <-seen:
			return
		case <-again.C:
		case <-deadline:
			t.Fatal("nothing was handled after the server came back")
		}
	}
}

// A message waits at the server, not in a buffer of ours, while all handlers are busy.
func TestAtMostEightHandlersRun(t *testing.T) {
	b := mustOpen(t, "embedded", t.TempDir())
	defer b.Close()
	var running, most atomic.Int32
	full, finish := make(chan bool), make(chan bool)
	var once sync.Once
	if _, err := b.Consume(context.Background(), "email", "mail.>", func(context.Context, bus.Message) error {
		now := running.Add(1)
		defer running.Add(-1)
		most.Store(max(most.Load(), now))
		if now == 8 {
			once.Do(func() { close(full) })
		}
		<-finish
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		if err := b.Publish(t.Context(), "mail.test", fmt.Sprint(i), nil); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-full:
	case <-time.After(20 * time.Second):
		t.Fatal("eight handlers never ran at the same time")
	}
	if left, err := b.Backlog(t.Context()); err != nil || left != 12 {
		t.Errorf("%d stored (%v), want all 12", left, err)
	}
	close(finish)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if most.Load() > 8 {
		t.Errorf("%d handlers at the same time, want at most 8", most.Load())
	}
}

// Another program may have made the stream its own way; then work-queue promises would silently not hold.
func TestOpenRefusesAStreamKeptAnotherWay(t *testing.T) {
	srv := mustServe(t, t.TempDir(), server.RANDOM_PORT, true)
	conn, err := nats.Connect(srv.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "MAIL", Subjects: []string{"mail.>"}}); err != nil {
		t.Fatal(err)
	}
	if b, err := bus.Open(t.Context(), srv.ClientURL(), "", quiet()); err == nil {
		b.Close()
		t.Error("a stream with another retention was accepted")
	}
}

func TestOpenSaysPlainlyWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	plain := mustServe(t, t.TempDir(), server.RANDOM_PORT, false)
	for _, c := range []struct{ fault, url, dir, want string }{
		{"the folder is a file", "embedded", file, "folder " + file},
		{"no server answers, and the password is not shown", "nats://user:hidden@127.0.0.1:1", "", "no NATS server answers at nats://127.0.0.1:1;"},
		{"the server has no JetStream", plain.ClientURL(), "", "without JetStream"},
		{"the address is no address", "nats://a b", "", "cannot be read"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := bus.Open(ctx, c.url, c.dir, quiet())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hidden") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}
