package bus_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"lyceum/server/bus"
	"lyceum/server/bus/bustest"
)

// serverConfig names the configuration file for a process that is to be a NATS server.
const serverConfig = "LYCEUM_TEST_NATS_CONFIG"

// serveNATS is what nats-server does with its configuration file. It ends when it is killed.
func serveNATS(file string) error {
	options, err := server.ProcessConfigFile(file)
	if err != nil {
		return err
	}
	options.NoLog = true
	srv, err := server.NewServer(options)
	if err != nil {
		return err
	}
	srv.Start()
	srv.WaitForShutdown()
	return nil
}

// cluster is three NATS servers on loopback, each a process of its own.
type cluster struct {
	names   []string
	urls    []string
	configs []string
	running map[string]*exec.Cmd
}

func mustCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{running: map[string]*exec.Cmd{}}
	var routes []string
	for i := range 3 {
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", mustFreePort(t)))
		c.names = append(c.names, fmt.Sprint("n", i))
		c.urls = append(c.urls, fmt.Sprintf("nats://127.0.0.1:%d", mustFreePort(t)))
	}
	for i, name := range c.names {
		dir := t.TempDir()
		text := fmt.Sprintf("server_name: %s\nlisten: %q\njetstream {\n  store_dir: %q\n  sync_interval: always\n}\ncluster {\n  name: lyceum\n  listen: %q\n  routes: [%s]\n}\n",
			name, strings.TrimPrefix(c.urls[i], "nats://"), dir, strings.TrimPrefix(routes[i], "nats://"), strings.Join(routes, ", "))
		file := filepath.Join(dir, "server.conf")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c.configs = append(c.configs, file)
		c.start(t, name)
	}
	t.Cleanup(func() {
		for _, name := range c.names {
			c.kill(t, name)
		}
	})
	c.ready(t)
	return c
}

// ready waits until the servers have found each other and chosen a leader, which a busy machine may take long for.
func (c *cluster) ready(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		err := c.ask(func(js jetstream.JetStream) error {
			once, cancelOnce := context.WithTimeout(ctx, time.Second)
			defer cancelOnce()
			_, err := js.AccountInfo(once)
			return err
		})
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("the cluster does not get ready: %v", err)
		}
	}
}

// ask connects for one question.
func (c *cluster) ask(question func(jetstream.JetStream) error) error {
	conn, err := nats.Connect(c.addresses())
	if err != nil {
		return err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return err
	}
	return question(js)
}

func (c *cluster) addresses() string { return strings.Join(c.urls, ",") }

func (c *cluster) start(t *testing.T, name string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	for i := range c.names {
		if c.names[i] == name {
			cmd.Env = append(os.Environ(), serverConfig+"="+c.configs[i])
		}
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c.running[name] = cmd
}

// kill is kill -9: no goodbye, nothing flushed.
func (c *cluster) kill(t *testing.T, name string) {
	t.Helper()
	cmd := c.running[name]
	if cmd == nil {
		return
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // says that it was killed
	delete(c.running, name)
}

func (c *cluster) mustStream(t *testing.T, ask func(context.Context, jetstream.JetStream) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := c.ask(func(js jetstream.JetStream) error { return ask(ctx, js) }); err != nil {
		t.Fatal(err)
	}
}

// leader names the server that leads the stream.
func (c *cluster) leader(t *testing.T) (name string) {
	t.Helper()
	c.mustStream(t, func(ctx context.Context, js jetstream.JetStream) error {
		stream, err := js.Stream(ctx, "MAIL")
		if err != nil {
			return err
		}
		info := stream.CachedInfo()
		if info.Config.Replicas != 3 || info.Cluster == nil {
			t.Fatalf("the stream has %d copies, want 3", info.Config.Replicas)
		}
		name = info.Cluster.Leader
		return nil
	})
	return name
}

// forget deletes every stream, so that the next case begins with nothing.
func (c *cluster) forget(t *testing.T) {
	c.mustStream(t, func(ctx context.Context, js jetstream.JetStream) error {
		names := js.StreamNames(ctx)
		for name := range names.Name() {
			if err := js.DeleteStream(ctx, name); err != nil {
				return err
			}
		}
		return names.Err()
	})
}

func mustFreePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Three servers named, three copies kept: the same promises hold.
func TestBusOnAClusterKeepsTheContract(t *testing.T) {
	t.Parallel()
	c := mustCluster(t)
	bustest.Run(t, func(t *testing.T) func() *bus.Bus {
		t.Cleanup(func() { c.forget(t) })
		return func() *bus.Bus { return mustOpen(t, c.addresses(), "") }
	})
}

// keepPublishing publishes a key until it is acknowledged, as the outbox's relay does.
func keepPublishing(t *testing.T, b *bus.Bus, key string) {
	t.Helper()
	mustComeTrue(t, key+" is acknowledged", func(ctx context.Context) error { return b.Publish(ctx, "mail.test", key, nil) })
}

// mustComeTrue tries until it works; servers that were killed elect anew meanwhile, each stream for itself.
func mustComeTrue(t *testing.T, what string, try func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		err := try(ctx)
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("it never comes true that %s: %v", what, err)
		}
	}
}

// mustHandleAll waits until n different keys have come; a key may come twice.
func mustHandleAll(t *testing.T, seen <-chan string, n int) {
	t.Helper()
	keys := map[string]bool{}
	deadline := time.After(2 * time.Minute) // a message that was with a killed server comes again after 30 s
	for len(keys) < n {
		select {
		case key := <-seen:
			keys[key] = true
		case <-deadline:
			t.Fatalf("%d of %d acknowledged messages were handled", len(keys), n)
		}
	}
}

// Killing the server that leads costs a moment and no message; killing all three at the same time, which is what a power
// cut looks like from outside, costs no message either.
func TestKilledServersLoseNothingAcknowledged(t *testing.T) {
	t.Parallel()
	c := mustCluster(t)
	b := mustOpen(t, c.addresses(), "")
	defer b.Close()
	seen := make(chan string, 1000) // more than the test publishes, repeats too
	handle := func(_ context.Context, m bus.Message) error { seen <- m.Key; return nil }
	stop, err := b.Consume(context.Background(), "email", "mail.>", handle)
	if err != nil {
		t.Fatal(err)
	}
	const each = 60
	led := c.leader(t)
	for i := range each {
		if i == each/2 {
			c.kill(t, led)
		}
		keepPublishing(t, b, fmt.Sprint("a", i))
	}
	mustHandleAll(t, seen, each)
	c.start(t, led)
	stop()

	for i := range each {
		keepPublishing(t, b, fmt.Sprint("b", i))
	}
	for _, name := range c.names {
		c.kill(t, name)
	}
	for _, name := range c.names {
		c.start(t, name)
	}
	keepPublishing(t, b, "after")
	for len(seen) > 0 {
		<-seen
	}
	mustComeTrue(t, "the consumer is there again", func(context.Context) error {
		_, err := b.Consume(context.Background(), "email", "mail.>", handle)
		return err
	})
	mustHandleAll(t, seen, each+1)
	mustComeTrue(t, "every stream is well", b.Healthy)
}
