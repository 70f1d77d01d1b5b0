package pages

import (
	"fmt"
	"html/template"
	"net/http"
	netmail "net/mail"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"lyceum/server/settings"
)

// about is what the footer says of the library. What nobody has set up is not there.
type about struct {
	Contact   string
	Mail      bool // Contact is a mail address
	Languages []spoken
	Privacy   bool // the library has its own words on privacy
}

// spoken is a language in its own name: those who need it read it best.
type spoken struct{ Tag, Name string }

func aboutOf(s settings.Settings) about {
	a := about{Contact: s.Contact, Privacy: s.Privacy != ""}
	address, err := netmail.ParseAddress(s.Contact)
	a.Mail = err == nil && address.Address == s.Contact
	if !s.SetUp() || len(s.Languages) < 2 { // one language: the page itself shows which
		return a
	}
	for _, tag := range s.Languages {
		if parsed, err := language.Parse(tag); err == nil {
			a.Languages = append(a.Languages, spoken{Tag: tag, Name: display.Self.Name(parsed)})
		}
	}
	return a
}

func (s *Site) library() string { return s.Settings().Library }

// location is the library's zone. Lists ask for it once an event, so the last one is kept.
func (s *Site) location() *time.Location { return s.zones.of(s.Settings()) }

// zones remembers the zone that was asked for last.
type zones struct {
	mu   sync.Mutex
	last *time.Location
}

func (z *zones) of(s settings.Settings) *time.Location {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.last == nil || z.last.String() != s.TimeZone {
		z.last = s.Location()
	}
	return z.last
}

// coloursPath changes with the settings, so that browsers may keep the file.
func coloursPath(s settings.Settings) string {
	return "/site.css?v=" + strconv.FormatInt(s.Version, 10)
}

// colours is the library's accent as a stylesheet, over the tokens of the house. It is a file because the content
// security policy allows no style in a page.
func (s *Site) colours(c *fiber.Ctx) error {
	now := s.Settings()
	css := ""
	if now.Accent != "" {
		theme, err := settings.ThemeOf(now.Accent)
		if err != nil {
			return fmt.Errorf("pages: the accent colour: %w", err)
		}
		css = theme.CSS()
	}
	c.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-cache")
	if c.Query("v") == strconv.FormatInt(now.Version, 10) {
		c.Set(fiber.HeaderCacheControl, "public, max-age=86400")
	}
	return c.SendString(css)
}

type privacyView struct{ Text template.HTML }

// privacy shows the library's own words; what every Lyceum keeps stands on each event's page.
func (s *Site) privacy(c *fiber.Ctx) error {
	words := s.Settings().Privacy
	if words == "" {
		return fiber.ErrNotFound
	}
	return s.render(c, http.StatusOK, "privacy", page{
		Title: s.texts.text("public.privacy.title"), Path: "/privacy", View: privacyView{Text: s.markdown.render(words)},
	})
}
