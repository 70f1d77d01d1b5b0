package web_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"lyceum/server/web"
)

// serve runs a house on a real socket and returns its address.
func serve(t *testing.T, h *house) (base string, served <-chan error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- h.app.Listener(listener) }()
	return "http://" + listener.Addr().String(), done
}

func TestTooMuchIsRefusedBeforeItIsRead(t *testing.T) {
	h := open(t, nil)
	base, _ := serve(t, h)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, row := range []struct {
		name   string
		body   int
		header int
		status int
		code   string
	}{
		{"300 kB of JSON", 300 << 10, 0, 413, "too-large"},
		{"20 kB of headers", 1, 20 << 10, 431, "headers-too-large"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", base+"/api/events/x/registrations", strings.NewReader(strings.Repeat("x", row.body)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Long", strings.Repeat("x", row.header))
		response, err := client.Do(r)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		raw, err := io.ReadAll(response.Body)
		response.Body.Close()
		a := answer{response.StatusCode, response.Header, raw}
		if err != nil || a.status != row.status || a.code() != row.code || a.header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d %s %v", row.name, a.status, a.body, err)
		}
	}
	if err := h.app.ShutdownWithTimeout(5 * time.Second); err != nil {
		t.Error(err)
	}
}

// A stop lets the request in flight end and does not wait for idle connections.
func TestShutdownFinishesWhatHasBegun(t *testing.T) {
	began, proceed := make(chan struct{}), make(chan struct{})
	h := open(t, func(c *web.Config) {
		c.Mount = func(app *fiber.App) {
			app.Get("/live", func(c *fiber.Ctx) error {
				close(began)
				<-proceed
				return c.SendString("finished")
			})
		}
	})
	base, served := serve(t, h)
	idle, err := http.Get(base + "/healthz") // leaves a kept-alive connection behind
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, idle.Body); err != nil {
		t.Fatal(err)
	}
	idle.Body.Close()
	body := make(chan string, 1)
	go func() {
		defer close(body)
		response, err := http.Get(base + "/live")
		if err != nil {
			return
		}
		defer response.Body.Close()
		raw, _ := io.ReadAll(response.Body)
		body <- string(raw)
	}()
	<-began
	stopped := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	go func() { stopped <- h.app.ShutdownWithContext(ctx) }()
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
	close(proceed)
	if got := <-body; got != "finished" {
		t.Errorf("the request in flight got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("shutdown: %v", err)
	}
}
