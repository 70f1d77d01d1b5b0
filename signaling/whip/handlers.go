package whip

import (
	"context"
	"errors"
	"mime"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/pion/sdp/v3"

	"lyceum/rooms"
	"lyceum/rooms/live"
	"lyceum/rooms/token"
)

const (
	sdpType     = "application/sdp"
	problemType = "application/problem+json"
	// maxOffer is the largest offer in bytes; browsers' are under 10 KB.
	maxOffer = 65536
)

// problem answers with an RFC 9457 body.
func problem(c *fiber.Ctx, status int, code string) error {
	body := fiber.Map{"title": fiber.NewError(status).Message, "status": status, "code": code}
	return c.Status(status).JSON(body, problemType)
}

// sameOrigin refuses pages of other sites. Encoders and players send no Origin.
func (s *Server) sameOrigin(c *fiber.Ctx) error {
	if origin := c.Get(fiber.HeaderOrigin); origin != "" && origin != s.origin {
		return problem(c, fiber.StatusForbidden, "origin-refused")
	}
	return c.Next()
}

// describe answers OPTIONS (RFC 9725, section 4.2): what may be posted, and nothing for other origins.
func describe(c *fiber.Ctx) error {
	c.Set(fiber.HeaderAllow, "POST, OPTIONS")
	c.Set("Accept-Post", sdpType)
	return c.SendStatus(fiber.StatusNoContent)
}

// only refuses every other method. PATCH is among them: trickle ICE and ICE restarts are not offered, which
// RFC 9725, section 4.3, lets a server say with 405.
func only(allow string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderAllow, allow)
		return problem(c, fiber.StatusMethodNotAllowed, "method-not-allowed")
	}
}

// begin answers POST: it checks who asks before it looks at what is asked.
func (s *Server) begin(e endpoint) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if !s.start() {
			return problem(c, fiber.StatusServiceUnavailable, "restarting")
		}
		defer s.entering.Done()
		claims, ok := s.claims(c)
		if !ok {
			c.Set(fiber.HeaderWWWAuthenticate, "Bearer")
			return problem(c, fiber.StatusUnauthorized, "token-refused")
		}
		if kind, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType)); err != nil || kind != sdpType {
			c.Set("Accept-Post", sdpType)
			return problem(c, fiber.StatusUnsupportedMediaType, "not-sdp")
		}
		offer := c.Body()
		if len(offer) > maxOffer {
			return problem(c, fiber.StatusRequestEntityTooLarge, "too-large")
		}
		if !plausible(offer) {
			return problem(c, fiber.StatusBadRequest, "invalid")
		}
		return s.enter(c, e, claims, string(offer))
	}
}

// claims verifies the token of the Authorization header (RFC 6750, section 2.1) for the room of the path.
func (s *Server) claims(c *fiber.Ctx) (token.Claims, bool) {
	scheme, credentials, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return token.Claims{}, false
	}
	// The claims outlive the request, whose memory Fiber uses again.
	claims, err := s.cfg.Verifier.Verify(strings.Clone(credentials))
	if err != nil || claims.Room != c.Params("event") {
		return token.Claims{}, false
	}
	return claims, true
}

// plausible reports whether body is a session description with media that could be an offer; the media
// plane looks closer.
func plausible(body []byte) bool {
	var d sdp.SessionDescription
	if d.Unmarshal(body) != nil {
		return false
	}
	for _, m := range d.MediaDescriptions {
		if m.MediaName.Media == "audio" || m.MediaName.Media == "video" {
			return true
		}
	}
	return false
}

// enter brings the client into the room and gives it the answer and its Location.
func (s *Server) enter(c *fiber.Ctx, e endpoint, claims token.Claims, offer string) error {
	ctx, cancel := context.WithTimeout(context.Background(), enterWithin)
	defer cancel()
	var seat live.MediaSeat
	var answer string
	var err error
	apart(func() { seat, answer, err = e.enter(ctx, claims, offer) })
	if err != nil {
		return s.refused(c, err)
	}
	path := location(e, claims.Room, newID())
	if old := s.keep(path, session{seat: seat, owner: e.kind + " " + claims.Room + " " + claims.Participant}); old != nil {
		apart(func() { old.Leave(ctx) }) // over already: a client that is still in is refused above
	}
	c.Set(fiber.HeaderLocation, path)
	c.Set(fiber.HeaderContentType, sdpType)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Status(fiber.StatusCreated).SendString(answer)
}

// apart runs a call into the room in a goroutine of its own and waits for it. A panic in there ends the
// process, as rooms/live means it to, and does not become a web server's 500 in front of a room that is
// half changed.
func apart(call func()) {
	done := make(chan struct{})
	go func() {
		call()
		close(done)
	}()
	<-done
}

// refused turns the room's refusal into a status.
func (s *Server) refused(c *fiber.Ctx, err error) error {
	var refusal *rooms.Error
	if errors.As(err, &refusal) {
		switch refusal.Code {
		case rooms.CodeBanned, rooms.CodeForbidden, rooms.CodeMuted, rooms.CodeNotOnStage,
			rooms.CodeWaiting, rooms.CodeClosed, rooms.CodeFrozen:
			return problem(c, fiber.StatusForbidden, refusal.Code)
		case rooms.CodeElsewhere, rooms.CodeRoomOver, rooms.CodeAlready:
			return problem(c, fiber.StatusConflict, refusal.Code)
		case rooms.CodeInvalid:
			return problem(c, fiber.StatusBadRequest, refusal.Code)
		}
	}
	s.cfg.Log.Error("cannot enter a room over http", "error", err)
	return problem(c, fiber.StatusInternalServerError, "internal")
}

// end answers DELETE on a Location.
func (s *Server) end(e endpoint) fiber.Handler {
	return func(c *fiber.Ctx) error {
		n, ok := s.take(location(e, c.Params("event"), c.Params("session")))
		if !ok {
			return problem(c, fiber.StatusNotFound, "not-found")
		}
		ctx, cancel := context.WithTimeout(context.Background(), enterWithin)
		defer cancel()
		apart(func() { n.seat.Leave(ctx) })
		return c.SendStatus(fiber.StatusOK)
	}
}

func location(e endpoint, room, id string) string { return "/" + e.kind + "/" + room + "/" + id }
