package web_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"lyceum/server/web"
)

func limited(c *web.Config) { c.RateLimits = true }

// from makes a request come from a client behind the trusted test connection.
func from(client string) func(*http.Request) { return with("X-Forwarded-For", client) }

// behindProxy trusts the connection of app.Test, whose peer is 0.0.0.0.
func behindProxy(c *web.Config) {
	c.RateLimits = true
	c.TrustedProxies = []string{"0.0.0.0/32"}
}

func TestOnePersonMayTryOneEventFiveTimesAMinute(t *testing.T) {
	h := open(t, limited)
	e, other := h.event("Limited", time.Hour, nil), h.event("Other", time.Hour, nil)
	apply := func(event, email string) answer {
		return h.do("POST", "/api/events/"+event+"/registrations", `{"name":"Reader","email":"`+email+`"}`)
	}
	for i := range 5 {
		if a := apply(e.ID, fmt.Sprintf("one+%d@mail.example", i)); a.status != 201 {
			t.Fatalf("try %d: %d %s", i, a.status, a.body)
		}
	}
	refused := apply(e.ID, "one@mail.example")
	wait, _ := strconv.Atoi(refused.header.Get("Retry-After"))
	if refused.status != 429 || refused.code() != "rate-limited" || wait != 12 {
		t.Errorf("sixth: %d %s, Retry-After %q", refused.status, refused.body, refused.header.Get("Retry-After"))
	}
	if a := apply(other.ID, "one@mail.example"); a.status != 201 {
		t.Errorf("another event: %d", a.status)
	}
	if a := apply(e.ID, "two@mail.example"); a.status != 201 {
		t.Errorf("another person: %d", a.status)
	}
	h.now = h.now.Add(time.Duration(wait) * time.Second)
	if a := apply(e.ID, "one@mail.example"); a.status != 201 {
		t.Errorf("after Retry-After: %d", a.status)
	}
}

func TestTheFormHasTheSameLimitAsTheAPI(t *testing.T) {
	h := open(t, limited)
	e := h.event("Form", time.Hour, nil)
	var last answer
	for i := range 6 {
		last = h.do("POST", "/events/"+e.Slug+"/registrations", "name=Reader&email=one@mail.example",
			with("Content-Type", "application/x-www-form-urlencoded"), with("Accept", "text/html"))
		if i < 5 && last.status != 303 {
			t.Fatalf("try %d: %d %.300s", i, last.status, last.body)
		}
	}
	if last.status != 429 || last.header.Get("Retry-After") == "" || !strings.HasPrefix(last.header.Get("Content-Type"), "text/html") {
		t.Errorf("%d %v", last.status, last.header)
	}
}

func TestGuessingTicketsAndCodesIsSlow(t *testing.T) {
	h := open(t, limited)
	statuses := map[int]int{}
	for range 15 {
		statuses[h.do("POST", "/api/staff/session", `{"code":"guess"}`).status]++
		statuses[h.do("GET", "/api/registration", "", bearer(strings.Repeat("A", 43))).status]++
	}
	if statuses[401] != 20 || statuses[429] != 10 {
		t.Errorf("%v, want 20 x 401, then 429", statuses)
	}
}

// The limit of a network counts the address the last trusted proxy saw, so a
// client cannot choose another one by writing headers.
func TestTheClientAddressCannotBeForged(t *testing.T) {
	h := open(t, behindProxy)
	guess := func(forwarded string) int {
		return h.do("POST", "/api/staff/session", `{"code":"guess"}`, from(forwarded)).status
	}
	for i := range 20 {
		if status := guess(fmt.Sprintf("203.0.113.%d, 198.51.100.7", i)); status != 401 {
			t.Fatalf("try %d: %d", i, status)
		}
	}
	if status := guess("203.0.113.99, 198.51.100.7"); status != 429 {
		t.Errorf("another forged address: %d, want 429", status)
	}
	if status := guess("203.0.113.99"); status != 401 {
		t.Errorf("another real address: %d, want 401", status)
	}
	for i := range 20 {
		guess(fmt.Sprintf("2001:db8:1:2::%d", i))
	}
	if status := guess("2001:db8:1:2:ffff::1"); status != 429 {
		t.Errorf("another address of the same /64: %d, want 429", status)
	}
	if status := guess("2001:db8:1:3::1"); status != 401 {
		t.Errorf("the neighbour's /64: %d, want 401", status)
	}
}

func TestWithoutTrustedProxiesTheHeaderIsIgnored(t *testing.T) {
	h := open(t, limited)
	var last int
	for i := range 21 {
		last = h.do("POST", "/api/staff/session", `{"code":"guess"}`, from(fmt.Sprintf("203.0.113.%d", i))).status
	}
	if last != 429 {
		t.Errorf("%d, want 429", last)
	}
}

func TestANetworkIsLimitedLooselyAndFilesAreFree(t *testing.T) {
	h := open(t, limited)
	for i := range 1200 {
		if a := h.do("GET", "/api/openapi.json", ""); a.status != 200 {
			t.Fatalf("request %d: %d", i, a.status)
		}
	}
	a := h.do("GET", "/events", "", with("Accept", "text/html"))
	if a.status != 429 || a.header.Get("Retry-After") != "1" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		t.Errorf("%d %v", a.status, a.header)
	}
	for _, path := range []string{"/assets/none.js", "/healthz"} {
		if a := h.do("GET", path, ""); a.status == 429 {
			t.Errorf("%s is limited", path)
		}
	}
}
