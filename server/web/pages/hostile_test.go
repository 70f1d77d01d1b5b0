package pages_test

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/settings"
	"lyceum/server/web/pages"
)

const evil = `"'><script>alert(1)</script></script><img src=x onerror=alert(2)>{{.}}<!--`

func withoutScripts(c *pages.Config, _ *memory) {
	c.Asset = func(string) (string, []string) { return "", nil }
}

func hostile(_ *pages.Config, m *memory) {
	m.settings = settings.Settings{Library: evil, Contact: evil, Privacy: evil, TimeZone: "Europe/Berlin", Languages: []string{"en", evil}, Version: 1}
	for i := range m.events {
		e := &m.events[i]
		e.Title, e.Summary, e.Speaker, e.Branch, e.Description = evil, evil, evil, evil, evil
		e.Format = event.Hybrid
	}
}

// Whatever stands in a field, pages have exactly the scripts that the site put there.
func TestHostileTextStaysText(t *testing.T) {
	s := open(t, hostile)
	all := allPages(t, s)
	id := onlyID(s)
	r := s.registrations[id]
	r.Name = evil // the rules would not let this in; the page must not rely on it
	s.registrations[id] = r
	all["seat of a hostile name"] = s.post(t, "/my", url.Values{"ticket": {s.keys.Ticket(id, r.Generation)}})
	all["form"] = s.post(t, "/events/lamp/registrations", url.Values{"name": {evil}, "email": {evil}, "key": {evil}})
	all["ticket"] = s.post(t, "/my", url.Values{"ticket": {evil}})
	all["filter"] = s.get(t, "/events?kind="+url.QueryEscape(evil)+"&audience="+url.QueryEscape(evil))
	all["cursor"] = s.get(t, "/events?after="+url.QueryEscape(evil))
	all["address"] = s.get(t, "/events/"+url.PathEscape(evil))
	for name, page := range all {
		doc := page.document(t)
		for _, n := range elements(doc, "script") {
			if attribute(n, "type") != "application/ld+json" && !strings.HasPrefix(attribute(n, "src"), "/assets/") {
				t.Errorf("%s has a foreign script: %s", name, textOf(n))
			}
		}
		for _, n := range elements(doc, "*") {
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s has %s on <%s>", name, a.Key, n.Data)
				}
			}
			if n.Data == "img" {
				t.Errorf("%s has a foreign picture", name)
			}
		}
	}
}

// A link in a description may lead to the web or to a mailbox, and nowhere else.
func TestDescriptionsKeepOnlyPlainMarkup(t *testing.T) {
	for source, want := range map[string]string{
		"[x](javascript:alert(1))":             "<p>x</p>\n",
		"[x](data:text/html,x)":                "<p>x</p>\n",
		"[x](//evil.example)":                  "<p>x</p>\n",
		"<b onclick=x>bold</b>":                "<p>bold</p>\n",
		"![pixel](https://evil.example/p.gif)": "<p></p>\n",
		"## One\n\n#### Two":                   "<h3>One</h3>\n<h4>Two</h4>\n",
		"# One":                                "<h3>One</h3>\n",
		"a *b* **c**":                          "<p>a <em>b</em> <strong>c</strong></p>\n",
		"[m](mailto:a@example.org)":            `<p><a href="mailto:a@example.org" rel="nofollow noreferrer">m</a></p>` + "\n",
	} {
		if got := pages.RenderMarkdown(source); got != want {
			t.Errorf("%s becomes %s, want %s", source, got, want)
		}
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, seed := range []string{evil, "# a\n\n- b\n\n> c", "[x](javascript:alert(1))", "[x]: data:,\n[x]", "<a href='java\nscript:x'>", "`code`", "\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		page := answer{body: pages.RenderMarkdown(source)}
		allowed := "html head body p br hr h3 h4 h5 h6 ul ol li blockquote strong em code pre a"
		for _, n := range elements(page.document(t), "*") {
			if !strings.Contains(" "+allowed+" ", " "+n.Data+" ") {
				t.Fatalf("%q lets <%s> through", source, n.Data)
			}
			for _, a := range n.Attr {
				if a.Key != "href" && a.Key != "rel" {
					t.Fatalf("%q lets %s through", source, a.Key)
				}
			}
			href := strings.ToLower(attribute(n, "href"))
			if href != "" && !strings.HasPrefix(href, "http:") && !strings.HasPrefix(href, "https:") && !strings.HasPrefix(href, "mailto:") {
				t.Fatalf("%q links to %s", source, href)
			}
		}
	})
}

// Feeds are escaped by their own rules.
func TestHostileTextKeepsFeedsWhole(t *testing.T) {
	s := open(t, hostile)
	var feed struct {
		Entries []struct {
			Title string `xml:"title"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(s.get(t, "/events.atom").must(t, http.StatusOK).body), &feed); err != nil {
		t.Fatal(err)
	}
	if feed.Entries[0].Title != evil {
		t.Errorf("the title became %s", feed.Entries[0].Title)
	}
	data := jsonLD(t, s.get(t, "/events/lamp"))
	if data["name"] != evil {
		t.Errorf("JSON-LD: the title became %v", data["name"])
	}
}

// Tickets are as the keys made them; what else is sent opens nothing and breaks nothing.
func TestHostileTicketsOpenNothing(t *testing.T) {
	s := open(t)
	good := s.seat(t, "lamp", "maya@example.org")
	other := registration.Keys{Site: []byte("another secret of thirty-two byte")}
	for _, bad := range []string{
		"x", strings.Repeat("A", 43), strings.Repeat("#", 10_000), good + "A", good[:42], "\x00", evil,
		other.Ticket(onlyID(s), 1), s.keys.Ticket(onlyID(s), 2),
	} {
		for _, path := range []string{"/my", "/my/cancel"} {
			got := s.post(t, path, url.Values{"ticket": {bad}, "sure": {"yes"}})
			if got.status != http.StatusForbidden && got.status != http.StatusUnprocessableEntity {
				t.Errorf("%s with %.50q answers %d", path, bad, got.status)
			}
			got.lacks(t, "Maya Reader", good)
		}
	}
}
