// Package fakes holds strict stand-ins for the services that Lyceum posts to, for tests and for trying things out on one
// machine: Mastodon's client API and Bluesky's XRPC. They refuse what the real ones refuse: missing or wrong
// credentials, another content type, texts that are too long, missing fields, too many calls. They remember what was
// posted, and a test can break them for the next call. The official SDKs pass them (scripts/fakes/sdk); the real
// services were never called.
package fakes

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Request is one call as it arrived, for comparing with what an SDK sends.
type Request struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

// Break decides about a call before the fake does: it answers true when it has dealt with it. After, when not nil, runs
// once the fake has done its work, in the place of its answer.
type Break struct {
	Before func(w http.ResponseWriter, r *http.Request) bool
	After  func(w http.ResponseWriter)
}

// service is what both fakes share.
type service struct {
	mu     sync.Mutex
	calls  []Request
	breaks []Break
	now    func() time.Time
}

// BreakNext lets the next calls that change something, in order, go wrong this way.
func (s *service) BreakNext(b ...Break) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.breaks = append(s.breaks, b...)
}

// Calls answers the calls so far.
func (s *service) Calls() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.calls...)
}

// take reads and notes a call; the next break belongs to it when it posts something.
func (s *service) take(r *http.Request, posts bool) ([]byte, Break) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := Request{Method: r.Method, Path: r.URL.Path, Headers: map[string]string{}, Body: body}
	for _, name := range []string{"Authorization", "Content-Type", "Idempotency-Key"} {
		if value := r.Header.Get(name); value != "" {
			seen.Headers[name] = value
		}
	}
	s.calls = append(s.calls, seen)
	if !posts || len(s.breaks) == 0 {
		return body, Break{}
	}
	b := s.breaks[0]
	s.breaks = s.breaks[1:]
	return body, b
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// isJSON tells whether the body is declared as JSON.
func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

// bearer is the token of a request, or "".
func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return token
}
