package socket

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"lyceum/rooms/live"
	"lyceum/rooms/token"
	"lyceum/signaling/wire"
)

// Config is what the websocket side needs. PublicURL is the address of the site as browsers see it.
type Config struct {
	Hub       *live.Hub
	Verifier  *token.Verifier
	PublicURL string
	Now       func() time.Time
	Log       *slog.Logger
}

// Server knows every open connection, so that Close can end them.
type Server struct {
	cfg    Config
	origin string

	mu      sync.Mutex
	open    map[*connection]struct{}
	closing bool
	running sync.WaitGroup // one for each connection; added to under mu only while not closing
}

// Mount puts GET /live on app. A PublicURL without scheme and host refuses every page, since no origin can
// equal it.
func Mount(app fiber.Router, cfg Config) *Server {
	s := &Server{cfg: cfg, origin: originOf(cfg.PublicURL), open: make(map[*connection]struct{})}
	app.Get("/live", s.admit, websocket.New(s.serve, websocket.Config{
		HandshakeTimeout: wire.HelloWithin,
		Subprotocols:     []string{wire.Subprotocol},
		Origins:          []string{s.origin, ""},
		// Most sockets are idle most of the time: they share what they write with, and read little at once.
		ReadBufferSize:    readBytes,
		WriteBufferPool:   &sync.Pool{},
		EnableCompression: false, // small messages gain nothing, and inflating is an attack surface
		// The library's own handler would swallow every panic and show its text to the client.
		RecoverHandler: func(*websocket.Conn) {},
	}))
	return s
}

// originOf is the origin (RFC 6454, section 6.2) of an address: scheme and host in lower case, with the
// port unless it is the scheme's own.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "invalid"
	}
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch {
	case scheme == "http":
		host = strings.TrimSuffix(host, ":80")
	case scheme == "https":
		host = strings.TrimSuffix(host, ":443")
	}
	return scheme + "://" + host
}

// admit decides before the upgrade who may speak the protocol at all.
func (s *Server) admit(c *fiber.Ctx) error {
	if origin := c.Get(fiber.HeaderOrigin); origin != "" && origin != s.origin {
		return problem(c, fiber.StatusForbidden, "origin-refused")
	}
	if !websocket.IsWebSocketUpgrade(c) {
		c.Set(fiber.HeaderUpgrade, "websocket")
		return problem(c, fiber.StatusUpgradeRequired, "websocket-required")
	}
	if !offers(c.Get(fiber.HeaderSecWebSocketProtocol), wire.Subprotocol) {
		return problem(c, fiber.StatusBadRequest, "subprotocol-required")
	}
	if s.isClosing() {
		return problem(c, fiber.StatusServiceUnavailable, "restarting")
	}
	return c.Next()
}

func offers(header, name string) bool {
	for offered := range strings.SplitSeq(header, ",") {
		if strings.TrimSpace(offered) == name {
			return true
		}
	}
	return false
}

// problem answers with an RFC 9457 body.
func problem(c *fiber.Ctx, status int, code string) error {
	body := fiber.Map{"title": statusTitle(status), "status": status, "code": code}
	return c.Status(status).JSON(body, "application/problem+json")
}

func statusTitle(status int) string { return fiber.NewError(status).Message }

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// serve runs one connection in the goroutine that Fiber gives it.
func (s *Server) serve(ws *websocket.Conn) {
	c := newConnection(s.cfg, ws.Conn)
	if !s.add(c) {
		c.out.end(wire.ByeRestarting)
		c.run()
		return
	}
	defer s.remove(c)
	c.run()
}

func (s *Server) add(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.open[c] = struct{}{}
	s.running.Add(1)
	return true
}

func (s *Server) remove(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	s.running.Done()
}

// Close says bye (restarting) to everybody, takes nobody new and returns when every connection is over.
// When ctx ends first, the rest are cut and the error says how many.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	for c := range s.open {
		c.out.end(wire.ByeRestarting)
	}
	s.mu.Unlock()
	over := make(chan struct{})
	go func() { // ends with the last connection
		s.running.Wait()
		close(over)
	}()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	left := len(s.open)
	for c := range s.open {
		c.cut()
	}
	s.mu.Unlock()
	if left == 0 {
		return nil
	}
	return errors.Join(fmt.Errorf("socket: close: %d connections were cut", left), ctx.Err())
}
