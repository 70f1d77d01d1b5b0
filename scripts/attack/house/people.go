package house

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"time"
)

// Answer is what the site answered to one request.
type Answer struct {
	Status int
	Body   string
	Header http.Header
}

// Into reads the answer's JSON.
func (a Answer) Into(v any) error {
	if err := json.Unmarshal([]byte(a.Body), v); err != nil {
		return fmt.Errorf("house: answer %d %.200s: %w", a.Status, a.Body, err)
	}
	return nil
}

// firstGeneration is that of a ticket nobody has revoked.
const firstGeneration = 1

// answerBytes bounds what is read of one answer.
const answerBytes = 1 << 20

// plain follows no redirects and keeps no cookies: each request is exactly what the test says.
var plain = http.Client{
	Timeout:       20 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Do sends one request; a body without a Content-Type is JSON. It says nothing about where it comes from
// unless header does.
func (h *House) Do(ctx context.Context, method, path, body string, header map[string]string) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, h.URL+path, strings.NewReader(body))
	if err != nil {
		return Answer{}, fmt.Errorf("house: %s %s: %w", method, path, err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := plain.Do(req)
	if err != nil {
		return Answer{}, fmt.Errorf("house: %s %s: %w", method, path, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, answerBytes))
	if err != nil {
		return Answer{}, fmt.Errorf("house: %s %s: %w", method, path, err)
	}
	return Answer{Status: res.StatusCode, Body: string(text), Header: res.Header}, nil
}

// tool runs a subcommand on the site's data and answers what it printed.
func (h *House) tool(ctx context.Context, args ...string) (string, error) {
	c := exec.CommandContext(ctx, h.binary, args...)
	c.Env = h.env()
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("house: lyceum %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// Staff signs a new member of staff in and answers the session's cookie header.
func (h *House) Staff(ctx context.Context, email, right string) (string, error) {
	link, err := h.tool(ctx, "staff", "add", email, "--right", right)
	if err != nil {
		return "", err
	}
	_, code, _ := strings.Cut(link, "#")
	a, err := h.Do(ctx, "POST", "/api/staff/session", fmt.Sprintf(`{"code":%q}`, code), nil)
	if err != nil {
		return "", err
	}
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	if a.Status != http.StatusOK || cookie == "" {
		return "", fmt.Errorf("house: sign %s in: %d %s", email, a.Status, a.Body)
	}
	return cookie, nil
}

// Event is what others need to know of an event.
type Event struct {
	ID   string `json:"id"`
	Slug string `json:"slug"`
}

// AddEvent adds an event that began a minute ago, as the member of staff with the cookie.
func (h *House) AddEvent(ctx context.Context, cookie, title string) (Event, error) {
	draft, err := json.Marshal(map[string]any{
		"title": title, "summary": "Made by a test.", "description": "Plain.", "speaker": "Nobody Example", "branch": "Nowhere",
		"kind": "author-talk", "audience": "general", "format": "online",
		"startsAt": time.Now().Add(time.Minute).UTC().Truncate(time.Minute), "minutes": 60, "timeZone": "UTC", "capacity": 400,
	})
	if err != nil {
		return Event{}, err
	}
	a, err := h.Do(ctx, "POST", "/api/staff/events", string(draft), map[string]string{"Cookie": cookie, "Origin": h.URL})
	if err != nil {
		return Event{}, err
	}
	if a.Status != http.StatusCreated {
		return Event{}, fmt.Errorf("house: add an event: %d %s", a.Status, a.Body)
	}
	var e Event
	return e, a.Into(&e)
}

// Seat registers somebody and answers their ticket.
func (h *House) Seat(ctx context.Context, event, name, email string) (string, error) {
	body, err := json.Marshal(map[string]string{"name": name, "email": email})
	if err != nil {
		return "", err
	}
	a, err := h.Do(ctx, "POST", "/api/events/"+event+"/registrations", string(body), nil)
	if err != nil {
		return "", err
	}
	var receipt struct {
		ID string `json:"id"`
	}
	if a.Status != http.StatusCreated {
		return "", fmt.Errorf("house: register: %d %s", a.Status, a.Body)
	}
	if err := a.Into(&receipt); err != nil {
		return "", err
	}
	return h.keys.Ticket(receipt.ID, firstGeneration), nil
}
