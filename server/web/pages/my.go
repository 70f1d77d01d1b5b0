package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"lyceum/server/event"
	"lyceum/server/registration"
)

// myView is the form that takes a personal link, after an empty one or one that opens nothing too.
type myView struct {
	Empty, Refused bool
}

// my shows that form. An island fills it from the address's fragment, which no server ever sees, and sends it.
func (s *Site) my(c *fiber.Ctx) error { return s.askTicket(c, http.StatusOK, myView{}) }

func (s *Site) askTicket(c *fiber.Ctx, status int, v myView) error {
	private(c)
	return s.render(c, status, "my", page{Title: s.texts.text("public.my.title"), Nav: "my", View: v})
}

type seatView struct {
	eventView
	Ticket, JoinURL, Name string
	Line                  int    // place on the waiting list, 0 for a kept seat
	DoorsOpen, Confirming bool   // Confirming asks once more before the seat is given back
	Opens                 string // when the doors open, "17:45"
}

// showSeat answers a ticket with the seat it stands for.
func (s *Site) showSeat(c *fiber.Ctx) error { return s.seat(c, false) }

func (s *Site) seat(c *fiber.Ctx, confirming bool) error {
	ticket := ticketOf(c)
	if ticket == "" {
		return s.askTicket(c, http.StatusUnprocessableEntity, myView{Empty: true})
	}
	r, e, err := s.Desk.Ticket(c.UserContext(), ticket)
	if errors.Is(err, registration.ErrTicketRefused) {
		return s.refused(c)
	}
	if err != nil {
		return err
	}
	now := s.Now()
	v := seatView{
		eventView: s.view(e, now), Ticket: ticket, Name: r.Name, DoorsOpen: e.DoorsOpen(now), Confirming: confirming,
		Opens: e.OpensAt().In(s.zone(e.TimeZone)).Format("15:04"),
	}
	if r.Seated() && v.OnlineToo && now.Before(e.ClosesAt()) && !v.Cancelled {
		v.JoinURL = "/join#" + ticket
	}
	if r.Status == registration.Waitlisted {
		v.Line = r.Position
	}
	title := "public.seat.title"
	if confirming {
		title = "public.cancel.title"
	}
	private(c)
	return s.render(c, http.StatusOK, "seat", page{Title: s.texts.text(title), Nav: "my", Titles: true, View: v})
}

// cancelSeat gives the seat back when the form says that the person was asked; before, it asks.
func (s *Site) cancelSeat(c *fiber.Ctx) error {
	if c.FormValue("sure") != "yes" {
		return s.seat(c, true)
	}
	ticket := ticketOf(c)
	_, e, err := s.Desk.Ticket(c.UserContext(), ticket)
	if err == nil {
		err = s.Desk.Cancel(c.UserContext(), ticket)
	}
	if errors.Is(err, registration.ErrTicketRefused) {
		return s.refused(c)
	}
	if err != nil {
		return err
	}
	return c.Redirect("/my/cancelled?"+url.Values{"event": {e.Slug}}.Encode(), http.StatusSeeOther)
}

// refused is the kind answer to a ticket that opens nothing, whatever the reason.
func (s *Site) refused(c *fiber.Ctx) error {
	return s.askTicket(c, http.StatusForbidden, myView{Refused: true})
}

func (s *Site) backToMy(c *fiber.Ctx) error { return c.Redirect("/my", http.StatusSeeOther) }

// cancelled says thank you. The address names only the event, so loading the page again is harmless.
func (s *Site) cancelled(c *fiber.Ctx) error {
	e, err := s.Store.Event(c.UserContext(), strings.Clone(c.Query("event")))
	if errors.Is(err, event.ErrNotFound) {
		return s.backToMy(c)
	}
	if err != nil {
		return err
	}
	private(c)
	return s.render(c, http.StatusOK, "cancelled", page{
		Title: s.texts.text("public.cancelled.title"), Nav: "my", Titles: true, View: s.view(e, s.Now()),
	})
}

// ticketOf reads the ticket that was sent, or the whole link it came in: people paste what they copied.
func ticketOf(c *fiber.Ctx) string {
	sent := strings.TrimSpace(strings.Clone(c.FormValue("ticket")))
	if i := strings.LastIndexByte(sent, '#'); i >= 0 {
		sent = sent[i+1:]
	}
	return sent
}
