package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"lyceum/server/staff"
	"lyceum/server/web"
)

// Another website must not act through a visitor's browser, with or without the
// visitor's cookie; programs that send neither Origin nor cookie work.
func TestOnlyOurOwnPagesMayChangeThings(t *testing.T) {
	h := open(t, nil)
	session := h.staff("admin@library.example", staff.Admin)
	e := h.event("Origin", time.Hour, nil)
	_, ticket := h.seat(e, "one@mail.example")
	cookie := with("Cookie", "lyceum="+session)
	for _, row := range []struct {
		name    string
		headers string // Origin | Sec-Fetch-Site
		cookie  bool
		passes  bool
	}{
		{"own origin with cookie", publicURL + "|same-origin", true, true},
		{"own origin of an old browser with cookie", publicURL + "|", true, true},
		{"no origin, but the browser says same-origin", "|same-origin", true, true},
		{"no origin, typed by the person", "|none", true, true},
		{"cookie and no word about where from", "|", true, false},
		{"foreign origin with cookie", "https://evil.example|cross-site", true, false},
		{"foreign origin without cookie", "https://evil.example|", false, false},
		{"null origin", "null|", true, false},
		{"null origin without cookie", "null|", false, false},
		{"own host on another port", "http://127.0.0.1:9090|same-site", true, false},
		{"own host with another scheme", "https://127.0.0.1:8080|", true, false},
		{"origin that only begins like ours", publicURL + ".evil.example|", true, false},
		{"no origin from a sibling site", "|same-site", true, false},
		{"own origin that the browser calls foreign", publicURL + "|cross-site", true, false},
		{"a program with a bearer ticket", "|", false, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			origin, site, _ := strings.Cut(row.headers, "|")
			changes := []func(*http.Request){bearer(ticket)}
			if origin != "" {
				changes = append(changes, with("Origin", origin))
			}
			if site != "" {
				changes = append(changes, with("Sec-Fetch-Site", site))
			}
			if row.cookie {
				changes = append(changes, cookie)
			}
			for _, request := range []string{"PATCH /api/registration", "POST /my", "POST /events/" + e.Slug + "/registrations"} {
				method, path, _ := strings.Cut(request, " ")
				body, sent := `{"name":"Reader"}`, changes
				if method == "POST" {
					body = "ticket=" + ticket + "&name=Reader&email=one@mail.example"
					sent = append(sent[:len(sent):len(sent)], with("Content-Type", "application/x-www-form-urlencoded"))
				}
				a := h.do(method, path, body, sent...)
				if refused := a.code() == "origin-refused"; refused == row.passes || a.status >= 500 {
					t.Errorf("%s: %d %.200s", request, a.status, a.body)
				}
			}
		})
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	for _, url := range []string{publicURL, "https://library.example"} {
		h := open(t, func(c *web.Config) { c.PublicURL = url })
		socket := strings.Replace(url, "http", "ws", 1)
		for _, path := range []string{"/", "/api/events", "/api/nope", "/nope", "/assets/none.js", "/healthz"} {
			a := h.do("GET", path, "")
			policy := a.header.Get("Content-Security-Policy")
			for _, part := range []string{"default-src 'self'", "script-src 'self';", "connect-src 'self' " + socket + ";", "frame-ancestors 'none'", "object-src 'none'", "form-action 'self'", "require-trusted-types-for 'script'"} {
				if !strings.Contains(policy, part) {
					t.Errorf("%s: no %q in %q", path, part, policy)
				}
			}
			if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
				t.Errorf("%s: loose policy %q", path, policy)
			}
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
				"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			} {
				if got := a.header.Get(name); got != want {
					t.Errorf("%s: %s is %q, want %q", path, name, got, want)
				}
			}
			if !strings.Contains(a.header.Get("Permissions-Policy"), "camera=(self), microphone=(self), display-capture=(self)") {
				t.Errorf("%s: Permissions-Policy %q", path, a.header.Get("Permissions-Policy"))
			}
			if hsts := a.header.Get("Strict-Transport-Security"); (hsts != "") != strings.HasPrefix(url, "https") {
				t.Errorf("%s on %s: HSTS %q", path, url, hsts)
			}
			if a.header.Get("X-Request-Id") == "" {
				t.Errorf("%s: no request id", path)
			}
		}
	}
}

// Nothing that opens a door or names a person reaches a log.
func TestLogsHoldNoTicketSessionMailOrQuery(t *testing.T) {
	h := open(t, nil)
	e := h.event("Logged", -time.Minute, nil)
	_, ticket := h.seat(e, "canary@mail.example")
	session := h.staff("admin@library.example", staff.Admin)
	h.do("GET", "/api/registration?ticket="+ticket, "", bearer(ticket))
	h.do("POST", "/api/rooms/"+e.ID+"/join", "", bearer(ticket))
	h.do("GET", "/join/"+ticket, "")
	h.do("GET", "/api/"+ticket, "")
	h.do("POST", "/my", "ticket="+ticket, with("Content-Type", "application/x-www-form-urlencoded"))
	h.do("GET", "/api/staff/me?who=canary@mail.example", "", signedIn(session))
	h.do("POST", "/api/staff/sign-in-link", `{"email":"canary@mail.example"}`)
	log := h.log.String()
	for _, secret := range []string{ticket, session, "canary", "Reader One", "?"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if !strings.Contains(log, "route=/api/rooms/:event/join status=200") {
		t.Errorf("no access log line:\n%s", log)
	}
}
