package pages

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"
)

//go:embed icon.svg
var icon []byte

// Site serves the pages. It holds no state of requests and is safe for concurrent use.
type Site struct {
	Config
	texts     catalogue
	zones     zones
	templates map[string]*template.Template
	markdown  markdown
}

// Mount adds the routes of all pages to app, which must not yet have a route that catches everything. The error tells
// of a catalogue that cannot be read.
func Mount(app fiber.Router, c Config) (*Site, error) {
	texts, err := parseCatalogue(c.Messages)
	if err != nil {
		return nil, err
	}
	s := &Site{Config: c, texts: texts, markdown: newMarkdown()}
	if s.templates, err = parseTemplates(texts); err != nil {
		return nil, err
	}
	s.routes(app)
	return s, nil
}

// routes are the addresses that design.md fixes. Feeds stand before the pages whose pattern would swallow them.
func (s *Site) routes(app fiber.Router) {
	app.Get("/", s.home)
	app.Get("/events.ics", s.calendar)
	app.Get("/events.atom", s.atom)
	app.Get("/events", s.list)
	app.Get("/events/:slug.ics", s.eventCalendar)
	app.Get("/events/:slug", s.event)
	app.Get("/events/:slug/registered", s.registered)
	app.Post("/events/:slug/registrations", s.register)
	app.Get("/events/:slug/registrations", s.backToEvent)

	app.Get("/my", s.my)
	app.Post("/my", s.showSeat)
	app.Post("/my/cancel", s.cancelSeat)
	app.Get("/my/cancel", s.backToMy)
	app.Get("/my/cancelled", s.cancelled)

	app.Get("/join", s.joinShell)
	app.Get("/room/:event", s.roomShell)
	app.Get("/staff", s.staffShell)
	app.Get("/staff/*", s.staffShell)
	app.Get("/icon.svg", s.icon)
	app.Get("/site.css", s.colours)
	app.Get("/privacy", s.privacy)
	app.Get("/docs/operators", s.operators)
	if s.Demo {
		app.Get("/demo/mailbox", s.mailbox)
	}
}

// page is what the layout needs; View is what the page's own template needs.
type page struct {
	Title       string // of the browser's tab, without the library's name
	Description string // for search engines and link previews; "" leaves it out
	Path        string // canonical, from the site's root; "" for pages that nobody should find by searching
	Nav         string // "events" or "my": the entry of the header that is current
	Scripts     string // Vite entry; "" is the public one
	Titles      bool   // the page may show titles of books, which the demo must attribute
	Calendar    string // address of the page's own calendar file; "" when it has none
	Data        any    // JSON-LD, or nil
	View        any
}

// layout is a page with what every page carries.
type layout struct {
	page
	Library, PublicURL, JS string
	CSS                    []string
	Demo                   bool
	About                  about // what the library says about itself, for the footer
}

// render answers with a page. It renders into memory first, so that a failing template becomes an error page and not
// half a page.
func (s *Site) render(c *fiber.Ctx, status int, name string, p page) error {
	entry := p.Scripts
	if entry == "" {
		entry = "public"
	}
	now := s.Settings()
	l := layout{page: p, Library: now.Library, PublicURL: s.PublicURL, Demo: s.Demo, About: aboutOf(now)}
	l.JS, l.CSS = s.Asset(entry)
	if now.Accent != "" {
		l.CSS = append(slices.Clone(l.CSS), coloursPath(now))
	}
	var out bytes.Buffer
	if err := s.templates[name].ExecuteTemplate(&out, "layout", l); err != nil {
		return fmt.Errorf("pages: render %s: %w", name, err)
	}
	if c.GetRespHeader(fiber.HeaderCacheControl) == "" {
		c.Set(fiber.HeaderCacheControl, "no-cache")
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Status(status).Send(out.Bytes())
}

// private marks an answer that shows a person, a ticket or a key made for one form: no cache keeps it.
func private(c *fiber.Ctx) { c.Set(fiber.HeaderCacheControl, "no-store") }

func (s *Site) icon(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "public, max-age=86400")
	c.Set(fiber.HeaderContentType, "image/svg+xml")
	return c.Status(http.StatusOK).Send(icon)
}
