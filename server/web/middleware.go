package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"
)

// middleware lists what every request passes, in this order.
func (s *site) middleware() []fiber.Handler {
	return []fiber.Handler{
		s.identify,      // request id, real client address, credentials
		s.logAccess,     // outside of recover, so that a panic is logged with its status
		s.recoverPanic,  // a handler's bug costs one answer, not the process
		s.secureHeaders, // before anything may answer
		s.limitNetwork,  // before anything costs
		s.checkOrigin,   // before anything changes
		s.checkBody,     // large, compressed or mislabelled bodies
		s.setDeadline,   // the store sees an end
		s.compress(),
	}
}

// identify stores what later steps and handlers ask about the request.
func (s *site) identify(c *fiber.Ctx) error {
	id := rand.Text()
	c.Set(fiber.HeaderXRequestID, id)
	c.SetUserContext(context.WithValue(c.UserContext(), requestKey{}, request{
		id: id, network: network(s.proxies.client(c)),
		ticket: bearer(c), session: c.Cookies(s.address.cookie()),
	}))
	return c.Next()
}

// logAccess writes one line a request. It names the route's pattern instead of
// the address: tickets, mail addresses and queries never reach a log that way.
func (s *site) logAccess(c *fiber.Ctx) error {
	start := time.Now()
	if err := c.Next(); err != nil {
		if err := c.App().ErrorHandler(c, err); err != nil {
			return err
		}
	}
	level := slog.LevelInfo
	if c.Response().StatusCode() >= fiber.StatusInternalServerError {
		level = slog.LevelError
	}
	ctx := c.UserContext()
	s.Observe(c.Method(), routeOf(c), c.Response().StatusCode(), time.Since(start))
	s.Log.LogAttrs(ctx, level, "request",
		slog.String("method", c.Method()),
		slog.String("route", routeOf(c)),
		slog.Int("status", c.Response().StatusCode()),
		slog.Duration("took", time.Since(start)),
		slog.String("request", requestFrom(ctx).id))
	return nil
}

// routeOf is the pattern of the route that answered; "-" when none did.
func routeOf(c *fiber.Ctx) string {
	if c.Locals(unrouted{}) != nil {
		return "-"
	}
	return c.Route().Path
}

// unrouted marks a request that no route took.
type unrouted struct{}

func (s *site) recoverPanic(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.Log.Error("panic in a handler", "route", c.Route().Path, "request", requestFrom(c.UserContext()).id,
				"panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = newProblem(codeInternal)
		}
	}()
	return c.Next()
}

// limitNetwork is the loose limit of one network over the whole site. Files are
// free: they cost nothing, and a school opens a page all at once.
func (s *site) limitNetwork(c *fiber.Ctx) error {
	if path := c.Path(); strings.HasPrefix(path, "/assets/") || path == "/healthz" || path == "/readyz" {
		return c.Next()
	}
	if err := s.limits.network.take(requestFrom(c.UserContext()).network); err != nil {
		return err
	}
	return c.Next()
}

// checkBody refuses what no handler reads: too much, or in a form it does not know. Fiber would inflate a compressed body
// without a limit, so there are none (S20, inflate bombs).
func (s *site) checkBody(c *fiber.Ctx) error {
	if len(c.Request().Body()) > maxBody {
		return newProblem(codeTooLarge)
	}
	if c.Get(fiber.HeaderContentEncoding) != "" {
		return newProblem(codeUnsupported)
	}
	if isAPI(c.Path()) && len(c.Request().Body()) > 0 {
		media, _, _ := strings.Cut(c.Get(fiber.HeaderContentType), ";")
		if !strings.EqualFold(strings.TrimSpace(media), fiber.MIMEApplicationJSON) {
			return newProblem(codeUnsupported)
		}
	}
	return c.Next()
}

// setDeadline bounds what a handler may wait for. Live connections outlast their
// request and keep their own time.
func (s *site) setDeadline(c *fiber.Ctx) error {
	if isLive(c.Path()) {
		return c.Next()
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), answerWithin)
	defer cancel()
	c.SetUserContext(ctx)
	return c.Next()
}

// compress packs pages, feeds and the API's description. It leaves out files,
// which are packed already, live connections, and every answer that could hold a
// secret: its length must not tell (BREACH).
func (s *site) compress() fiber.Handler {
	return compress.New(compress.Config{
		Level: compress.LevelBestSpeed,
		Next: func(c *fiber.Ctx) bool {
			path := c.Path()
			return strings.HasPrefix(path, "/assets/") || isLive(path) || isAPI(path) && path != openAPIPath
		},
	})
}

// answerError is where every refusal outside of huma becomes an answer: a page
// for people, a problem for programs. It also answers what fasthttp refuses
// before any middleware ran.
func (s *site) answerError(c *fiber.Ctx, err error) error {
	p := problemOf(err)
	if p.Code == codeInternal {
		s.Log.Error("request failed", "route", c.Route().Path, "request", requestFrom(c.UserContext()).id, "error", err.Error())
	}
	s.setSecureHeaders(c)
	for name, values := range p.GetHeaders() {
		c.Set(name, values[0])
	}
	if s.pages != nil && wantsPage(c) {
		return s.pages.Error(c, p.Status, p.retryAfter)
	}
	if err := c.Status(p.Status).JSON(p); err != nil {
		return fmt.Errorf("web: write problem %s: %w", p.Code, err)
	}
	c.Set(fiber.HeaderContentType, problemType)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return nil
}

// wantsPage reports whether a person in a browser waits for the answer.
func wantsPage(c *fiber.Ctx) bool {
	path := c.Path()
	if isAPI(path) || isLive(path) || strings.HasPrefix(path, "/assets/") {
		return false
	}
	return strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMETextHTML)
}

func isAPI(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

// isLive reports whether a path belongs to the live connections.
func isLive(path string) bool {
	return path == "/live" || strings.HasPrefix(path, "/whip/") || strings.HasPrefix(path, "/whep/")
}

// missing ends what no route took: 405 when the address exists for another
// method (RFC 9110 section 15.5.6 wants Allow), 404 otherwise.
func (s *site) missing(c *fiber.Ctx) error {
	c.Locals(unrouted{}, true)
	var allow []string
	for _, r := range s.routes {
		if r.Method != c.Method() && !strings.HasSuffix(r.Path, "*") && fiber.RoutePatternMatch(c.Path(), r.Path, fiber.Config{CaseSensitive: true}) {
			allow = append(allow, r.Method)
		}
	}
	if len(allow) == 0 {
		return newProblem(codeNotFound)
	}
	c.Set(fiber.HeaderAllow, strings.Join(allow, ", "))
	return newProblem(codeMethodNotAllowed)
}
