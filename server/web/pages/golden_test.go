package pages_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var formKey = regexp.MustCompile(`name="key" value="[A-Z2-7]+"`)

// allPages asks for every sort of page once, by the name of its golden file.
func allPages(t *testing.T, s *site) map[string]answer {
	t.Helper()
	mail := "Date: Tue, 24 Nov 2026 17:19:58 +0000\r\nFrom: Library <events@library.example>\r\nTo: maya@example.org\r\n" +
		"Subject: Your seat\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nJoin: https://events.library.example/join#T\r\n"
	if err := os.WriteFile(filepath.Join(s.mailDir, "1.eml"), []byte(mail), 0o600); err != nil {
		t.Fatal(err)
	}
	seated, waiting := s.seat(t, "lamp", "maya@example.org"), s.seat(t, "bears", "noor@example.org")
	return map[string]answer{
		"home":         s.get(t, "/").must(t, http.StatusOK),
		"events":       s.get(t, "/events").must(t, http.StatusOK),
		"events-none":  s.get(t, "/events?kind=class&audience=0-5").must(t, http.StatusOK),
		"event-live":   s.get(t, "/events/lamp").must(t, http.StatusOK),
		"event-full":   s.get(t, "/events/bears").must(t, http.StatusOK),
		"event-off":    s.get(t, "/events/off").must(t, http.StatusOK),
		"event-over":   s.get(t, "/events/past").must(t, http.StatusOK),
		"event-wrong":  s.post(t, "/events/lamp/registrations", url.Values{"name": {""}, "email": {"nope"}}).must(t, http.StatusUnprocessableEntity),
		"registered":   s.get(t, "/events/lamp/registered").must(t, http.StatusOK),
		"waitlisted":   s.get(t, "/events/bears/registered?waiting=4").must(t, http.StatusOK),
		"my":           s.get(t, "/my").must(t, http.StatusOK),
		"my-empty":     s.post(t, "/my", url.Values{"ticket": {" "}}).must(t, http.StatusUnprocessableEntity),
		"my-refused":   s.post(t, "/my", url.Values{"ticket": {"junk"}}).must(t, http.StatusForbidden),
		"seat":         s.post(t, "/my", url.Values{"ticket": {seated}}).must(t, http.StatusOK),
		"seat-waiting": s.post(t, "/my", url.Values{"ticket": {waiting}}).must(t, http.StatusOK),
		"cancel":       s.post(t, "/my/cancel", url.Values{"ticket": {seated}}).must(t, http.StatusOK),
		"cancelled":    s.get(t, "/my/cancelled?event=lamp").must(t, http.StatusOK),
		"mailbox":      s.get(t, "/demo/mailbox").must(t, http.StatusOK),
		"not-found":    s.get(t, "/nowhere").must(t, http.StatusNotFound),
		"join":         s.get(t, "/join").must(t, http.StatusOK),
		"room":         s.get(t, "/room/lamp").must(t, http.StatusOK),
		"staff":        s.get(t, "/staff/events/new").must(t, http.StatusOK),
	}
}

// Golden files let a reviewer read what a change does to the pages. Tickets and form keys differ from run to run.
func TestPagesLookAsAgreed(t *testing.T) {
	s := open(t)
	for name, page := range allPages(t, s) {
		body := formKey.ReplaceAllString(page.body, `name="key" value="KEY"`)
		for _, email := range []string{"maya@example.org", "noor@example.org"} {
			body = strings.ReplaceAll(body, s.ticket(t, email), "TICKET")
		}
		golden(t, name+".html", body)
		if got := page.header.Get("Content-Type"); !strings.HasPrefix(got, "text/html") {
			t.Errorf("%s has type %s", name, got)
		}
	}
}

// What shows a person or a ticket is never kept by a cache.
func TestPagesAboutOnePersonAreNotStored(t *testing.T) {
	all := allPages(t, open(t))
	for _, name := range []string{"event-live", "event-wrong", "registered", "my", "my-refused", "seat", "cancel", "cancelled", "mailbox", "join", "room"} {
		if got := all[name].header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s has Cache-Control %q", name, got)
		}
	}
}

// A few rules of accessible pages that a parser can check; axe in the browser tests checks the rest.
func TestPagesAreWellMade(t *testing.T) {
	for name, page := range allPages(t, open(t)) {
		doc := page.document(t)
		ids := map[string]bool{}
		for _, n := range elements(doc, "*") {
			if id := attribute(n, "id"); id != "" {
				if ids[id] {
					t.Errorf("%s has two elements with id %s", name, id)
				}
				ids[id] = true
			}
			if attribute(n, "style") != "" || n.Data == "style" || strings.HasPrefix(attribute(n, "href"), "javascript:") {
				t.Errorf("%s has inline style or code at <%s>", name, n.Data)
			}
		}
		for _, n := range elements(doc, "label") {
			if !ids[attribute(n, "for")] {
				t.Errorf("%s has a label for nothing: %s", name, textOf(n))
			}
		}
		for _, n := range elements(doc, "a") {
			if textOf(n) == "" {
				t.Errorf("%s has a link without text to %s", name, attribute(n, "href"))
			}
			if href := attribute(n, "href"); strings.HasPrefix(href, "#") && !ids[href[1:]] {
				t.Errorf("%s links to %s, which is not there", name, href)
			}
		}
		if name == "join" || name == "room" || name == "staff" {
			continue // their headings come with their script
		}
		checkHeadings(t, name, page)
	}
}

func checkHeadings(t *testing.T, name string, page answer) {
	t.Helper()
	doc := page.document(t)
	if got := len(elements(doc, "h1")); got != 1 {
		t.Errorf("%s has %d main headings", name, got)
	}
	last := 1
	seenMain := false
	for _, n := range elements(doc, "*") {
		level := slices.Index([]string{"", "h1", "h2", "h3", "h4", "h5", "h6"}, n.Data)
		if level < 1 {
			continue
		}
		seenMain = seenMain || level == 1
		// An error summary stands before the page's own heading, as its own small heading.
		if level > last+1 && seenMain {
			t.Errorf("%s jumps to <%s> %q", name, n.Data, textOf(n))
		}
		last = level
	}
}
