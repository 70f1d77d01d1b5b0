package bus_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"lyceum/server/bus"
	"lyceum/server/bus/bustest"
)

// Three servers named, three copies kept: the same promises hold.
func TestBusOnAClusterKeepsTheContract(t *testing.T) {
	t.Parallel()
	urls := mustCluster(t, 3)
	bustest.Run(t, func(t *testing.T) func() *bus.Bus {
		t.Cleanup(func() { mustForget(t, urls) })
		return func() *bus.Bus { return mustOpen(t, urls, "") }
	})
}

// mustCluster starts n NATS servers on loopback that know each other and returns their addresses.
func mustCluster(t *testing.T, n int) string {
	t.Helper()
	var routes []*url.URL
	var ports []int
	for range n {
		port := mustFreePort(t)
		ports = append(ports, port)
		routes = append(routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", port)})
	}
	var urls []string
	for i, port := range ports {
		srv, err := server.NewServer(&server.Options{
			ServerName: fmt.Sprint("n", i), Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
			JetStream: true, StoreDir: t.TempDir(), SyncAlways: true, Routes: routes,
			Cluster: server.ClusterOpts{Name: "lyceum", Host: "127.0.0.1", Port: port},
		})
		if err != nil {
			t.Fatal(err)
		}
		srv.Start()
		t.Cleanup(func() { mustEnd(srv) })
		if !srv.ReadyForConnections(10 * time.Second) {
			t.Fatal("a NATS server of the cluster did not start")
		}
		urls = append(urls, srv.ClientURL())
	}
	return strings.Join(urls, ",")
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

// mustForget deletes the stream, so that the next case begins with nothing.
func mustForget(t *testing.T, urls string) {
	t.Helper()
	conn, err := nats.Connect(urls)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := js.DeleteStream(ctx, "MAIL"); err != nil {
		t.Fatal(err)
	}
}
