package web_test

import (
	"bufio"
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
	const request = "POST /api/events/x/registrations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	for _, row := range []struct {
		name   string
		sent   string
		status int
		code   string
	}{
		{"a body announced with 2 MB", request + "Content-Length: 2000000\r\n\r\n", 413, "too-large"},
		{"20 kB of headers", request + "X-Long: " + strings.Repeat("x", 20<<10) + "\r\nContent-Length: 0\r\n\r\n", 431, "headers-too-large"},
	} {
		a := exchange(t, strings.TrimPrefix(base, "http://"), row.sent)
		if a.status != row.status || a.code() != row.code || a.header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d %s", row.name, a.status, a.body)
		}
	}
	if err := h.app.ShutdownWithTimeout(5 * time.Second); err != nil {
		t.Error(err)
	}
}

// exchange writes raw bytes and reads one answer.
func exchange(t *testing.T, address, sent string) answer {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(connection, sent); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, raw}
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
