package pages

import (
	"crypto/rand"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"lyceum/server/event"
)

// field is one input of a form with what was typed and what is wrong with it.
type field struct {
	Value, Error string
}

// registerForm is the form that takes a seat. Key makes a form that is sent twice count once.
type registerForm struct {
	Name, Email field
	Key         string
	Errors      []formError // in the order of the fields
	Notice      string      // trouble that no field is to blame for
}

// formError is one line of the error summary; Field is the id of the input it leads to.
type formError struct {
	Field, Text string
}

type eventPage struct {
	eventView
	Description template.HTML
	Form        registerForm
	NameHint    string
	Unopened    bool // the library has not yet proved that its mail arrives
}

// nameHint says who gets to read the name: a room shows it, a desk at the library finds the seat by it.
func (s *Site) nameHint(v eventView) string {
	if v.OnlineToo {
		return s.texts.text("public.form.name-hint")
	}
	return s.texts.text("public.form.name-hint-here")
}

// lookup answers the event of the address. The slug is copied, because Fiber reuses a request's memory.
func (s *Site) lookup(c *fiber.Ctx, param string) (event.Event, error) {
	slug := strings.Clone(c.Params(param))
	e, err := s.Store.Event(c.UserContext(), slug)
	if errors.Is(err, event.ErrNotFound) {
		return event.Event{}, fiber.ErrNotFound
	}
	return e, err
}

func (s *Site) event(c *fiber.Ctx) error {
	e, err := s.lookup(c, "slug")
	if err != nil {
		return err
	}
	// The store also answers to ids; one page has one address.
	if slug := c.Params("slug"); slug != e.Slug {
		return c.Redirect("/events/"+e.Slug, http.StatusMovedPermanently)
	}
	return s.showEvent(c, http.StatusOK, e, registerForm{Key: rand.Text()})
}

// showEvent renders the event with its form, also after a form that did not pass.
func (s *Site) showEvent(c *fiber.Ctx, status int, e event.Event, form registerForm) error {
	private(c)
	v := s.view(e, s.Now())
	title := v.Title
	if len(form.Errors) > 0 || form.Notice != "" {
		title = s.texts.text("public.form.error-title", "title", v.Title)
	}
	return s.render(c, status, "event", page{
		Title: title, Description: e.Summary, Path: v.Path, Nav: "events", Titles: true, Calendar: v.Path + ".ics",
		Data: s.jsonLD(e),
		View: eventPage{eventView: v, Description: s.markdown.render(e.Description), Form: form, NameHint: s.nameHint(v), Unopened: !s.Open()},
	})
}

func (s *Site) backToEvent(c *fiber.Ctx) error {
	e, err := s.lookup(c, "slug")
	if err != nil {
		return err
	}
	return c.Redirect("/events/"+e.Slug, http.StatusSeeOther)
}
