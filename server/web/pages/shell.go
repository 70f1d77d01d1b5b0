package pages

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
)

// The room and the console are Svelte. The server gives them an empty place to grow in, and without JavaScript a plain
// sentence that says what can be done instead.
type shellView struct {
	Missing string // what a person without JavaScript reads
	MyLink  bool   // the page of one's own seat works without JavaScript: offer it
	// PlainCSS is the public pages' style, for that sentence alone.
	PlainCSS []string
}

func (s *Site) joinShell(c *fiber.Ctx) error {
	private(c) // the address has carried a ticket
	return s.shell(c, "room", "public.shell.join", shellView{Missing: s.texts.text("public.shell.no-script-room"), MyLink: true})
}

// roomShell answers an event that exists with the same page for everybody; the join call says who may enter.
func (s *Site) roomShell(c *fiber.Ctx) error {
	if _, err := s.lookup(c, "event"); err != nil {
		return err
	}
	private(c)
	return s.shell(c, "room", "public.shell.room", shellView{Missing: s.texts.text("public.shell.no-script-room"), MyLink: true})
}

func (s *Site) staffShell(c *fiber.Ctx) error {
	return s.shell(c, "console", "public.shell.staff", shellView{Missing: s.texts.text("public.shell.no-script-staff")})
}

func (s *Site) shell(c *fiber.Ctx, entry, title string, v shellView) error {
	_, v.PlainCSS = s.Asset("public")
	return s.render(c, http.StatusOK, "shell", page{Title: s.texts.text(title), Scripts: entry, View: v})
}
