package pages

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
)

// errorTexts are the heading and the sentence for each status that has its own; the rest read like 500.
var errorTexts = map[int][2]string{
	http.StatusForbidden:             {"public.error.403-title", "public.error.403"},
	http.StatusNotFound:              {"public.error.404-title", "public.error.404"},
	http.StatusMethodNotAllowed:      {"public.error.404-title", "public.error.404"},
	http.StatusRequestEntityTooLarge: {"public.error.413-title", "public.error.413"},
	http.StatusTooManyRequests:       {"public.error.429-title", "public.error.429"},
}

type errorView struct {
	Title, Text string
}

// Error answers with the page for an HTTP status. A retryAfter above zero is sent along (RFC 9110 section 10.2.3),
// rounded up to whole seconds. It never prints an error's own text: that is for logs.
func (s *Site) Error(c *fiber.Ctx, status int, retryAfter time.Duration) error {
	keys, listed := errorTexts[status]
	if !listed {
		keys = [2]string{"public.error.500-title", "public.error.500"}
	}
	if retryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(retryAfter.Seconds()))))
	}
	private(c)
	v := errorView{Title: s.texts.text(keys[0]), Text: s.texts.text(keys[1])}
	return s.render(c, status, "error", page{Title: v.Title, View: v})
}
