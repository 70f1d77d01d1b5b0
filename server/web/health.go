package web

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"
)

// readyWithin bounds the self-test behind /readyz.
const readyWithin = 3 * time.Second

// health is the answer of both health addresses. It names parts, never causes.
type health struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks,omitempty"`
}

// mountHealth adds /healthz, which says that the process answers, and /readyz,
// which tries every part and answers 503 while one fails.
func (s *site) mountHealth(app *fiber.App) {
	app.Get("/healthz", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.JSON(health{Status: "ok"})
	})
	app.Get("/readyz", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderCacheControl, "no-store")
		answer := s.check(c.UserContext())
		if answer.Status != "ready" {
			c.Status(fiber.StatusServiceUnavailable)
		}
		return c.JSON(answer)
	})
}

func (s *site) check(ctx context.Context) health {
	out := health{Status: "ready", Checks: map[string]string{}}
	if s.Ready == nil {
		return out
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for part, err := range s.Ready(ctx) {
		out.Checks[part] = "ok"
		if err != nil {
			out.Checks[part], out.Status = "failing", "not-ready"
			s.Log.Warn("not ready", "part", part, "error", err.Error())
		}
	}
	return out
}
