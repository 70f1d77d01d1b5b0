package pages

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"lyceum/server/event"
	"lyceum/server/registration"
)

// problemKeys are the sentences for what can be wrong with a field; a problem that is not listed gets the field's plain
// "check this" sentence.
var problemKeys = map[event.Problem]string{
	{Field: "name", Code: event.CodeRequired}:    "public.form.name-required",
	{Field: "name", Code: event.CodeTooLong}:     "public.form.name-too-long",
	{Field: "name", Code: event.CodeLink}:        "public.form.name-link",
	{Field: "name", Code: event.CodeBadText}:     "public.form.name-bad-text",
	{Field: "email", Code: event.CodeRequired}:   "public.form.email-required",
	{Field: "email", Code: event.CodeTooLong}:    "public.form.email-too-long",
	{Field: "email", Code: event.CodeNotAnEmail}: "public.form.email-wrong",
}

// register takes the form of an event page. It answers a redirect, so that going back or loading again sends nothing
// twice; with a form that does not pass, it answers the same page with everything that was typed still in it.
func (s *Site) register(c *fiber.Ctx) error {
	e, err := s.lookup(c, "slug")
	if err != nil {
		return err
	}
	name, email := strings.Clone(c.FormValue("name")), strings.Clone(c.FormValue("email"))
	form := registerForm{Name: field{Value: name}, Email: field{Value: email}, Key: strings.Clone(c.FormValue("key"))}
	if len(form.Key) < 16 || len(form.Key) > 64 {
		form.Key = rand.Text()
	}
	receipt, err := s.Desk.Register(c.UserContext(), e.ID, name, email, idempotencyKey(form.Key, name, email))
	var problems event.Problems
	var limited interface{ RetryAfter() time.Duration }
	switch {
	case errors.As(err, &problems):
		s.explain(&form, problems)
		return s.showEvent(c, http.StatusUnprocessableEntity, e, form)
	case errors.As(err, &limited):
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(limited.RetryAfter().Seconds()))))
		form.Notice = s.texts.text("public.form.too-often")
		return s.showEvent(c, http.StatusTooManyRequests, e, form)
	case errors.Is(err, registration.ErrClosed), errors.Is(err, registration.ErrNotOpen), errors.Is(err, event.ErrNotFound):
		return s.backToEvent(c) // the page says by itself why it takes none
	case err != nil:
		return err
	}
	return c.Redirect("/events/"+e.Slug+"/registered"+receiptQuery(receipt), http.StatusSeeOther)
}

// idempotencyKey binds the form's random key to what was typed: sending twice is one claim, and a person who goes back
// to correct the address makes a new one instead of being told that a key was used before.
func idempotencyKey(formKey, name, email string) string {
	sum := sha256.New()
	for _, part := range []string{formKey, name, email} {
		sum.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil))
}

func (s *Site) explain(form *registerForm, problems event.Problems) {
	for _, p := range problems {
		key, listed := problemKeys[p]
		if !listed {
			key = "public.form.check"
		}
		text := s.texts.text(key, "max", registration.MaxName)
		form.Errors = append(form.Errors, formError{Field: p.Field, Text: text})
		switch p.Field {
		case "name":
			form.Name.Error = text
		case "email":
			form.Email.Error = text
		}
	}
}

// receiptQuery carries the answer over the redirect. It says nothing about a person, so an address bar may show it.
func receiptQuery(r Receipt) string {
	if r.Status != registration.Waitlisted {
		return ""
	}
	return "?" + url.Values{"waiting": {strconv.Itoa(r.Position)}}.Encode()
}

type registeredView struct {
	eventView
	Line int // place on the waiting list, 0 for a kept seat
}

func (s *Site) registered(c *fiber.Ctx) error {
	e, err := s.lookup(c, "slug")
	if err != nil {
		return err
	}
	place := c.QueryInt("waiting")
	if place < 0 || place > event.MaxCapacity {
		place = 0
	}
	title := "public.registered.title"
	if place > 0 {
		title = "public.registered.title-waiting"
	}
	private(c)
	return s.render(c, http.StatusOK, "registered", page{
		Title: s.texts.text(title), Nav: "events", Titles: true, View: registeredView{eventView: s.view(e, s.Now()), Line: place},
	})
}
