package web

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/staff"
)

// request is what the middleware knows about a request. It travels in the
// context, so that handlers never touch Fiber's own, which is reused.
type request struct {
	id      string // for the log and X-Request-Id
	network string // see function network
	ticket  string // bearer credential, unchecked
	session string // staff cookie, unchecked
}

// visitor is who a request comes from, set once the policy has let it pass.
type visitor struct {
	staff        *staff.Staff
	registration *registration.Registration
	event        *event.Event // the registration's
}

type requestKey struct{}

type visitorKey struct{}

// requestFrom returns what the middleware found; the zero value outside a request.
func requestFrom(ctx context.Context) request {
	r, _ := ctx.Value(requestKey{}).(request)
	return r
}

// visitorFrom returns who the policy let pass; the zero value on public routes.
func visitorFrom(ctx context.Context) visitor {
	v, _ := ctx.Value(visitorKey{}).(visitor)
	return v
}

// bearer reads the credential of RFC 6750 section 2.1. The scheme's case does not matter.
func bearer(c *fiber.Ctx) string {
	scheme, credential, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(credential)
}
