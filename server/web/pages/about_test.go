package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"lyceum/server/settings"
	"lyceum/server/web/pages"
)

// What an administrator sets stands on the very next page.
func TestPagesFollowTheSettings(t *testing.T) {
	s := open(t)
	before := s.get(t, "/events")
	if strings.Contains(before.body, "/site.css") || strings.Contains(before.body, "/privacy") || s.get(t, "/privacy").status != http.StatusNotFound {
		t.Error("a library that set nothing up shows what nobody set up")
	}
	s.settings = settings.Settings{
		Library: "Hill Library", TimeZone: "Asia/Tokyo", Languages: []string{"en", "de"}, Contact: "desk@library.example",
		Accent: "#7a1f3d", Privacy: "We *keep* little.", Version: 4,
	}
	after := s.get(t, "/events")
	for _, want := range []string{"Hill Library", "Tokyo time", `href="mailto:desk@library.example"`, `lang="de">Deutsch<`, `/site.css?v=4`, `href="/privacy"`} {
		if !strings.Contains(after.body, want) {
			t.Errorf("no %s on the page", want)
		}
	}
	css := s.get(t, "/site.css?v=4")
	if !strings.HasPrefix(css.body, ":root{--accent:#7a1f3d;") || !strings.HasPrefix(css.header.Get("Content-Type"), "text/css") || !strings.Contains(css.header.Get("Cache-Control"), "max-age") {
		t.Errorf("%v %s", css.header, css.body)
	}
	if privacy := s.get(t, "/privacy"); !strings.Contains(privacy.body, "<em>keep</em>") {
		t.Errorf("privacy: %s", privacy.body)
	}
	s.settings.Contact = "030 0000"
	if page := s.get(t, "/events"); strings.Contains(page.body, "mailto:") || !strings.Contains(page.body, "030 0000") {
		t.Error("a telephone number became a mail link")
	}
}

// Until a test mail has gone through, an event says so in place of its form.
func TestNoFormBeforeMailIsKnownToWork(t *testing.T) {
	s := open(t, func(_ *pages.Config, m *memory) { m.unopened = true })
	page := s.get(t, "/events/lamp")
	if strings.Contains(page.body, "/registrations") || !strings.Contains(page.body, "Registration is not open yet.") {
		t.Errorf("%s", page.body)
	}
	s.unopened = false
	if page := s.get(t, "/events/lamp"); !strings.Contains(page.body, "/registrations") {
		t.Error("the form is gone")
	}
	if sent := s.post(t, "/events/lamp/registrations", url.Values{"name": {"A Reader"}, "email": {"a@mail.example"}}); sent.status != http.StatusSeeOther {
		t.Errorf("%d", sent.status)
	}
}
