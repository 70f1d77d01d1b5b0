package pages_test

import (
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/settings"
	"lyceum/server/web/pages"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// today is the moment at which all tests look at the site: a Tuesday evening in Berlin.
var today = time.Date(2026, 11, 24, 17, 20, 0, 0, time.UTC)

const liveID = "01980001-0000-7000-8000-000000000000"

// site is a whole site of pages over the memory store.
type site struct {
	*memory
	app     *fiber.App
	mailDir string
}

type change func(*pages.Config, *memory)

func open(t *testing.T, changes ...change) *site {
	t.Helper()
	m := &memory{
		keys: registration.Keys{Site: []byte("only for tests, thirty-two bytes")}, now: func() time.Time { return today },
		settings:      settings.Settings{Library: "Lantern Bay Public Library", TimeZone: "Europe/Berlin"},
		registrations: map[string]registration.Registration{}, seen: map[string]pages.Receipt{}, events: programme(),
	}
	c := pages.Config{
		Store: m, Desk: m, PublicURL: "https://events.library.example", Settings: func() settings.Settings { return m.settings }, Open: func() bool { return !m.unopened },
		Demo: true, MailDir: t.TempDir(), Messages: readFile(t, catalogueFile),
		Asset: func(entry string) (string, []string) {
			return "/assets/" + entry + ".js", []string{"/assets/" + entry + ".css"}
		},
		Now: m.now, Log: slog.New(slog.DiscardHandler),
	}
	for _, change := range changes {
		change(&c, m)
	}
	s := &site{memory: m, mailDir: c.MailDir}
	var mounted *pages.Site
	s.app = fiber.New(fiber.Config{Immutable: true, ErrorHandler: func(ctx *fiber.Ctx, err error) error {
		status := http.StatusInternalServerError
		var known *fiber.Error
		if errors.As(err, &known) {
			status = known.Code
		}
		return mounted.Error(ctx, status, 0)
	}})
	mounted, err := pages.Mount(s.app, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// programme is one event of each sort that pages tell apart.
func programme() []event.Event {
	at := func(day int) time.Time { return time.Date(2026, 11, 24+day, 17, 0, 0, 0, time.UTC) }
	make := func(id, slug, title string, day int, change func(*event.Event)) event.Event {
		e := event.Event{
			ID: id, Slug: slug, Title: title, Summary: "A summary.", Speaker: "Mira Quillfeather", Kind: event.AuthorTalk,
			Audience: event.General, Format: event.Online, StartsAt: at(day), EndsAt: at(day).Add(time.Hour), TimeZone: "Europe/Berlin",
			Capacity: 50, Taken: 10, Status: event.Scheduled, Version: 3, CreatedAt: at(-7),
		}
		change(&e)
		return e
	}
	return []event.Event{
		make(liveID, "lamp", "The Lamp and the Library", 0, func(e *event.Event) {
			e.Description = "Mira reads.\n\n# Before\n\n- Bring **tea**.\n- See [more](https://example.org/)."
		}),
		make("01980002-0000-7000-8000-000000000000", "bears", "Bears and boats", 4, func(e *event.Event) {
			e.Kind, e.Audience, e.Format, e.Branch, e.Speaker = event.StoryTime, event.Ages0to5, event.InPerson, "Harbour Branch", ""
			e.Capacity, e.Taken, e.Waiting = 20, 20, 3
		}),
		make("01980003-0000-7000-8000-000000000000", "club", "Slow readers", 8, func(e *event.Event) {
			e.Kind, e.Audience, e.Format, e.Branch, e.Taken = event.ClubMeeting, event.Ages19up, event.Hybrid, "Hill Branch", 47
			e.TimeZone = "America/New_York"
		}),
		make("01980004-0000-7000-8000-000000000000", "off", "Called off", 2, func(e *event.Event) { e.Status = event.Cancelled }),
		make("01980005-0000-7000-8000-000000000000", "past", "Long ago", -7, func(*event.Event) {}),
	}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (s *site) get(t *testing.T, path string) answer {
	t.Helper()
	return s.do(t, httptest.NewRequest(http.MethodGet, path, nil))
}

func (s *site) post(t *testing.T, path string, fields url.Values) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(t, r)
}

func (s *site) do(t *testing.T, r *http.Request) answer {
	t.Helper()
	resp, err := s.app.Test(r, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: string(body)}
}

// seat registers somebody and answers the ticket that the mail would carry.
func (s *site) seat(t *testing.T, slug, email string) string {
	t.Helper()
	e, err := s.Event(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Register(t.Context(), e.ID, "Maya Reader", email, email); err != nil {
		t.Fatal(err)
	}
	return s.ticket(t, email)
}

func (s *site) ticket(t *testing.T, email string) string {
	t.Helper()
	for _, r := range s.registrations {
		if r.Email == email {
			return s.keys.Ticket(r.ID, r.Generation)
		}
	}
	t.Fatalf("nobody registered as %s", email)
	return ""
}

// must answers the page, which has to have that status.
func (a answer) must(t *testing.T, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d:\n%s", a.status, status, a.body)
	}
	return a
}

func (a answer) has(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("the page lacks %q:\n%s", text, a.body)
		}
	}
}

func (a answer) lacks(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("the page has %q:\n%s", text, a.body)
		}
	}
}

func (a answer) document(t *testing.T) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// golden compares got with the file of that name, or rewrites it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(readFile(t, file)), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// attribute answers an attribute of a node, "" when it has none.
func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// elements lists the elements of that name; "*" lists all.
func elements(doc *html.Node, name string) []*html.Node {
	var found []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && (name == "*" || n.Data == name) {
			found = append(found, n)
		}
	}
	return found
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}
