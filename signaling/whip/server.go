package whip

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"lyceum/rooms/live"
	"lyceum/rooms/token"
)

// enterWithin bounds entering a room, a stalled store included; leaving gets as long.
const enterWithin = 10 * time.Second

// Config is what WHIP and WHEP need. PublicURL is the address of the site as browsers see it.
type Config struct {
	Hub       *live.Hub
	Verifier  *token.Verifier
	PublicURL string
	Now       func() time.Time
	Log       *slog.Logger
}

// Server knows every session, so that DELETE and Close can end them.
type Server struct {
	cfg    Config
	origin string

	mu       sync.Mutex
	sessions map[string]session // by path: the Location
	closing  bool
	entering sync.WaitGroup // one for each POST; added to under mu only while not closing
}

// session is one client's media in a room.
type session struct {
	seat  live.MediaSeat
	owner string // participant and kind: a client that comes anew replaces its own old session
}

// endpoint is one of the two kinds: how it enters a room.
type endpoint struct {
	kind  string // "whip" or "whep"
	enter func(ctx context.Context, c token.Claims, offer string) (live.MediaSeat, string, error)
}

// Mount puts /whip/{event} and /whep/{event} on app.
func Mount(app fiber.Router, cfg Config) *Server {
	s := &Server{cfg: cfg, origin: originOf(cfg.PublicURL), sessions: make(map[string]session)}
	for _, e := range []endpoint{
		{"whip", cfg.Hub.EnterPublisher},
		{"whep", cfg.Hub.EnterSubscriber},
	} {
		path := "/" + e.kind + "/:event"
		app.Post(path, s.sameOrigin, s.begin(e))
		app.Options(path, s.sameOrigin, describe)
		app.All(path, only("POST, OPTIONS"))
		app.Delete(path+"/:session", s.sameOrigin, s.end(e))
		app.All(path+"/:session", only("DELETE"))
	}
	return s
}

// originOf is the origin of an address (RFC 6454, section 6.2).
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "invalid"
	}
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if port := map[string]string{"http": ":80", "https": ":443"}[scheme]; port != "" {
		host = strings.TrimSuffix(host, port)
	}
	return scheme + "://" + host
}

// newID is 128 random bits.
func newID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails: crypto/rand ends the process instead
	return base64.RawURLEncoding.EncodeToString(id)
}

// start counts a POST, unless the server is closing.
func (s *Server) start() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.entering.Add(1)
	return true
}

// keep remembers a session under its Location and returns the session of the same client that it replaces.
func (s *Server) keep(path string, n session) (old live.MediaSeat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for at, o := range s.sessions {
		if o.owner == n.owner {
			old = o.seat
			delete(s.sessions, at)
		}
	}
	s.sessions[path] = n
	return old
}

// take forgets a session and returns it.
func (s *Server) take(path string) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.sessions[path]
	delete(s.sessions, path)
	return n, ok
}

// Close ends every session and takes no new one. ctx bounds the waiting.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.entering.Wait() // each is bounded by enterWithin
	s.mu.Lock()
	sessions := s.sessions
	s.sessions = make(map[string]session)
	s.mu.Unlock()
	for _, n := range sessions {
		n.seat.Leave(ctx)
	}
	return ctx.Err()
}
