// Package call is what the protocols of social networks have in common: one HTTP request with a JSON body, and what its
// failure means for a post.
//
// A failure is always a *post.Fault. Whether the request may have done its work decides what may follow: a request that
// never went out, or that was answered with a refusal, can be repeated; one without an answer must be looked up first.
package call

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"lyceum/server/post"
)

// Doer makes HTTP calls and answers with a body that is in memory. Its errors may have the methods Refused, for an address
// that may not be called, and Sent, for a request that went out.
type Doer interface {
	Do(r *http.Request) (*http.Response, error)
}

// Answer is what came back. Only answers of status 200 to 299 are without an error.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON sends body, unless it is nil, with these headers and reads the answer.
func JSON(ctx context.Context, http1 Doer, method, url string, header map[string]string, body any, now time.Time) (Answer, error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return Answer{}, fmt.Errorf("call: encode: %w", err)
		}
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		return Answer{}, &post.Fault{Code: post.FaultNoService, Cause: err}
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "Lyceum")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := http1.Do(r)
	if err != nil {
		return Answer{}, noAnswer(err)
	}
	text, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		return Answer{}, &post.Fault{Code: post.FaultSilent, Passing: true, Maybe: true, Cause: err}
	}
	a := Answer{response.StatusCode, response.Header, text}
	return a, a.fault(now)
}

func noAnswer(err error) error {
	var guard interface{ Refused() bool }
	if errors.As(err, &guard) && guard.Refused() {
		return &post.Fault{Code: post.FaultNotPublic, Cause: err}
	}
	var wire interface{ Sent() bool }
	if errors.As(err, &wire) && !wire.Sent() {
		return &post.Fault{Code: post.FaultUnreachable, Passing: true, Cause: err}
	}
	return &post.Fault{Code: post.FaultSilent, Passing: true, Maybe: true, Cause: err}
}

// fault reads a status that every service means the same way; a service's package reads the body for the rest.
func (a Answer) fault(now time.Time) error {
	cause := fmt.Errorf("status %d", a.Status)
	switch {
	case a.Status >= 200 && a.Status < 300:
		return nil
	case a.Status == http.StatusUnauthorized:
		return &post.Fault{Code: post.FaultSignIn, Cause: cause}
	case a.Status == http.StatusForbidden:
		return &post.Fault{Code: post.FaultScope, Cause: cause}
	case a.Status == http.StatusTooManyRequests:
		return &post.Fault{Code: post.FaultRateLimited, Passing: true, After: a.retryAfter(now), Cause: cause}
	case a.Status >= 500:
		// A gateway's error says nothing about what happened behind it.
		return &post.Fault{Code: post.FaultServer, Passing: true, Maybe: true, After: a.retryAfter(now), Cause: cause}
	case a.Status >= 300 && a.Status < 400, a.Status == http.StatusNotFound, a.Status == http.StatusMethodNotAllowed:
		return &post.Fault{Code: post.FaultNoService, Cause: cause}
	}
	return &post.Fault{Code: post.FaultRefused, Cause: cause}
}

// retryAfter reads Retry-After (RFC 9110 section 10.2.3), else the reset times that the services send.
func (a Answer) retryAfter(now time.Time) time.Duration {
	text := strings.TrimSpace(a.Header.Get("Retry-After"))
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	if seconds, err := strconv.ParseInt(a.Header.Get("Ratelimit-Reset"), 10, 64); err == nil { // Bluesky: seconds since 1970
		return max(time.Unix(seconds, 0).Sub(now), 0)
	}
	if at, err := time.Parse(time.RFC3339, a.Header.Get("X-Ratelimit-Reset")); err == nil { // Mastodon: a time
		return max(at.Sub(now), 0)
	}
	return 0
}

// Read decodes the answer's JSON. A service that answers with anything else is not the service.
func (a Answer) Read(into any) error {
	if err := json.Unmarshal(a.Body, into); err != nil {
		return &post.Fault{Code: post.FaultNoService, Cause: errors.New("the answer is not the JSON it should be")}
	}
	return nil
}
