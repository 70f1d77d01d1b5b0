package web_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/web"
)

// The error table is part of the API: codes and statuses never change silently.
func TestTheErrorTableIsTheReviewedOne(t *testing.T) { golden(t, "problems.txt", web.ProblemTable()) }

// broken is a store that fails.
type broken struct {
	shelf
	err error
}

func (b broken) Event(context.Context, string) (event.Event, error) { return event.Event{}, b.err }

func (b broken) Upcoming(context.Context, time.Time, string, int) ([]event.Event, string, error) {
	panic("secret in a panic")
}

func (b broken) Register(context.Context, web.RegisterInput) (registration.Registered, error) {
	return registration.Registered{}, b.err
}

func TestNoErrorTextLeavesTheServer(t *testing.T) {
	const secret = "disk /secret/path is full"
	h := open(t, func(c *web.Config) {
		c.Store = broken{shelf: c.Store.(shelf), err: fmt.Errorf("store: read event: %w", errors.New(secret))}
		c.Ready = func(context.Context) map[string]error {
			return map[string]error{"store": errors.New(secret), "bus": nil}
		}
	})
	for path, want := range map[string]int{"/api/events/x": 500, "/api/events": 500, "/events/x": 500, "/events": 500, "/readyz": 503} {
		for _, accept := range []string{"application/json", "text/html"} {
			a := h.do("GET", path, "", with("Accept", accept))
			if a.status != want || strings.Contains(string(a.body), "secret") {
				t.Errorf("%s as %s: %d %.300s", path, accept, a.status, a.body)
			}
			if html := strings.HasPrefix(a.header.Get("Content-Type"), "text/html"); html != (accept == "text/html" && strings.HasPrefix(path, "/events")) {
				t.Errorf("%s as %s: %s", path, accept, a.header.Get("Content-Type"))
			}
		}
	}
	if log := h.log.String(); !strings.Contains(log, secret) || !strings.Contains(log, "secret in a panic") {
		t.Error("the log does not say what happened")
	}
	if a := h.do("GET", "/readyz", ""); string(a.body) != `{"status":"not-ready","checks":{"bus":"ok","store":"failing"}}` {
		t.Errorf("readyz: %s", a.body)
	}
}

// gone is the error of a store whose database does not answer.
type gone struct{ error }

func (gone) Unavailable() bool { return true }

func TestASlowOrAbsentStoreIsUnavailableNotBroken(t *testing.T) {
	for _, err := range []error{context.DeadlineExceeded, fmt.Errorf("store: read event: %w", gone{errors.New("no connection")})} {
		h := open(t, func(c *web.Config) { c.Store = broken{shelf: c.Store.(shelf), err: err} })
		a := h.do("GET", "/api/events/x", "")
		if a.status != 503 || a.code() != "unavailable" || a.header.Get("Retry-After") != "3" {
			t.Errorf("%v: %d %s %v", err, a.status, a.body, a.header)
		}
	}
}

func TestWhatIsNoRequestIsRefusedAsAProblem(t *testing.T) {
	h := open(t, nil)
	e := h.event("Refused", time.Hour, nil)
	path := "/api/events/" + e.ID + "/registrations"
	const good = `{"name":"Reader","email":"a@mail.example"}`
	for _, row := range []struct {
		name, method, path, body, header string
		status                           int
		code                             string
	}{
		{"broken JSON", "POST", path, `{"name":`, "", 400, "malformed"},
		{"no body", "POST", path, "", "", 400, "malformed"},
		{"JSON nested 20000 deep", "POST", path, strings.Repeat("[", 20000), "", 400, "malformed"},
		{"a form instead of JSON", "POST", path, "name=Reader", "Content-Type: application/x-www-form-urlencoded", 415, "unsupported-media-type"},
		{"JSON sent as text", "POST", path, good, "Content-Type: text/plain", 415, "unsupported-media-type"},
		{"JSON with a charset", "POST", path, good, "Content-Type: application/json; charset=utf-8", 201, ""},
		{"a compressed body", "POST", path, good, "Content-Encoding: gzip", 415, "unsupported-media-type"},
		{"100 kB of JSON", "POST", path, `{"name":"` + strings.Repeat("x", 100<<10) + `"}`, "", 413, "too-large"},
		{"300 kB of JSON", "POST", path, strings.Repeat("x", 300<<10), "", 413, "too-large"},
		{"300 kB of a form", "POST", "/my", strings.Repeat("x", 300<<10), "Content-Type: application/x-www-form-urlencoded", 413, "too-large"},
		{"a method the address does not take", "DELETE", "/api/events", "", "", 405, "method-not-allowed"},
		{"PUT on a registration", "PUT", "/api/registration", "", "", 405, "method-not-allowed"},
		{"POST on a file", "POST", "/assets/x.js", "", "", 404, "not-found"},
		{"POST on a page", "POST", "/events", "", "", 405, "method-not-allowed"},
		{"limit over 100", "GET", "/api/events?limit=101", "", "", 422, "invalid"},
		{"limit that is a word", "GET", "/api/events?limit=many", "", "", 422, "invalid"},
		{"a cursor nobody gave out", "GET", "/api/events?after=x", "", "", 422, "invalid"},
	} {
		t.Run(row.name, func(t *testing.T) {
			name, value, _ := strings.Cut(row.header, ": ")
			if name == "" {
				name, value = "Accept", "*/*"
			}
			a := h.do(row.method, row.path, row.body, with(name, value))
			if a.status != row.status || a.code() != row.code {
				t.Errorf("%d %s %.200s, want %d %s", a.status, a.code(), a.body, row.status, row.code)
			}
			if a.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Error("no security headers")
			}
		})
	}
	allow := strings.Split(h.do("DELETE", "/api/events", "").header.Get("Allow"), ", ")
	slices.Sort(allow)
	if !slices.Equal(allow, []string{"GET", "HEAD"}) {
		t.Errorf("Allow: %v", allow)
	}
}

func TestABrowserGetsAPageAndAProgramAProblem(t *testing.T) {
	h := open(t, nil)
	for _, row := range []struct{ path, accept, want string }{
		{"/nothing-here", "text/html,application/xhtml+xml", "text/html; charset=utf-8"},
		{"/nothing-here", "*/*", "application/problem+json"},
		{"/api/nothing", "text/html", "application/problem+json"},
		{"/assets/nothing.js", "text/html", "application/problem+json"},
	} {
		a := h.do("GET", row.path, "", with("Accept", row.accept))
		if a.status != 404 || a.header.Get("Content-Type") != row.want {
			t.Errorf("%s as %s: %d %s", row.path, row.accept, a.status, a.header.Get("Content-Type"))
		}
	}
}

func TestLiveConnectionsAreMountedBeforeThe404s(t *testing.T) {
	h := open(t, func(c *web.Config) {
		c.Mount = func(app *fiber.App) {
			app.Get("/live", func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusUpgradeRequired) })
		}
	})
	if a := h.do("GET", "/live", ""); a.status != 426 {
		t.Errorf("%d", a.status)
	}
}
