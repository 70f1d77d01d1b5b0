package main

import (
	"net"
	"strings"
	"testing"
)

// The figures move with what happens, and no label names anybody.
func TestFiguresCountAndNameNobody(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	env := append(demoEnv(t.TempDir()), "LYCEUM_METRICS_LISTEN="+address)
	url, _ := startServe(t, env)
	event, said, code := command(t, env, "event", "add", "--title", "A talk of secrets", "--starts", "2031-01-31T18:00:00Z")
	if code != 0 {
		t.Fatal(said)
	}
	seat := register(t, url, event, "reader@mail.example")
	figures := body(t, "http://"+address+"/metrics")
	for _, want := range []string{
		`lyceum_http_requests_total{method="POST",route="/api/events/:id/registrations",status="201"} 1`,
		`lyceum_registrations{status="confirmed"} 1`, "lyceum_rooms 0", `lyceum_part_up{part="database"} 1`, "lyceum_bus_backlog", "lyceum_media_packets_in_total 0",
	} {
		if !strings.Contains(figures, want) {
			t.Errorf("no %s in the figures", want)
		}
	}
	for _, private := range []string{"reader", "mail.example", seat, event, "secrets"} {
		if strings.Contains(figures, private) {
			t.Errorf("the figures name %q", private)
		}
	}
}
