// Command serve runs the stand-ins for Mastodon and Bluesky on loopback, so that a person or an SDK can use them. It
// prints where they are and with which credentials, then writes every call to standard output as a line of JSON.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"lyceum/scripts/fakes"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	mastodon := fakes.NewMastodon("token-for-tests", time.Now)
	bluesky := fakes.NewBluesky("library.test", "app-password-for-tests", time.Now)
	failed := make(chan error, 2) // two servers, one result each
	for _, s := range []struct {
		name    string
		handler http.Handler
		calls   func() []fakes.Request
	}{{"mastodon", mastodon, mastodon.Calls}, {"bluesky", bluesky, bluesky.Calls}} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("fakes: %w", err)
		}
		fmt.Fprintf(os.Stderr, "%s http://%s\n", s.name, listener.Addr())
		show := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.handler.ServeHTTP(w, r)
			calls := s.calls()
			_ = json.NewEncoder(os.Stdout).Encode(calls[len(calls)-1])
		})
		server := &http.Server{Handler: show, ReadHeaderTimeout: 5 * time.Second}
		go func() { failed <- server.Serve(listener) }()
	}
	fmt.Fprintln(os.Stderr, "ready: mastodon token token-for-tests; bluesky library.test app-password-for-tests")
	return <-failed
}
