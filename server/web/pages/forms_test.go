package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"lyceum/server/registration"
)

// A form that does not pass comes back with a summary that leads to each field, and with everything that was typed.
func TestRegistrationFormExplainsItself(t *testing.T) {
	for _, row := range []struct {
		about, name, email string
		fields             []string
		says               string
	}{
		{"an empty form", "", "", []string{"name", "email"}, "Write your name"},
		{"a wrong address keeps the name", "Maya Reader", "maya at example", []string{"email"}, "name@example.org"},
		{"a link as a name keeps the address", "http://x.example", "maya@example.org", []string{"name"}, "without an address or link"},
		{"a very long name", strings.Repeat("a", 61), "maya@example.org", []string{"name"}, "at most 60 letters"},
		{"hidden signs in a name", "Maya\u202eReader", "maya@example.org", []string{"name"}, "hidden or special signs"},
		{"a very long address", "Maya", strings.Repeat("a", 250) + "@example.org", []string{"email"}, "too long"},
	} {
		t.Run(row.about, func(t *testing.T) {
			s := open(t)
			page := s.post(t, "/events/lamp/registrations", url.Values{"name": {row.name}, "email": {row.email}})
			page.must(t, http.StatusUnprocessableEntity).has(t, row.says, `class="error-summary" role="alert" tabindex="-1" autofocus`)
			doc := page.document(t)
			inputs := map[string]*html.Node{}
			for _, n := range elements(doc, "input") {
				inputs[attribute(n, "name")] = n
			}
			if got := attribute(inputs["name"], "value"); got != row.name {
				t.Errorf("the name became %q", got)
			}
			if got := attribute(inputs["email"], "value"); got != row.email {
				t.Errorf("the address became %q", got)
			}
			for _, field := range row.fields {
				page.has(t, `<a href="#`+field+`">`, `id="`+field+`-problem"`)
				if attribute(inputs[field], "aria-invalid") != "true" {
					t.Errorf("%s is not marked as wrong", field)
				}
			}
			if len(s.registrations) != 0 {
				t.Error("a wrong form took a seat")
			}
		})
	}
}

// Sending a form twice, as a double click or a reload does, takes one seat; correcting it and sending again is no error.
func TestFormSentTwiceTakesOneSeat(t *testing.T) {
	s := open(t)
	form := fill(t, s.get(t, "/events/lamp"), "registrations", url.Values{"name": {"Maya Reader"}, "email": {"maya@example.org"}})
	for range 2 {
		answer := s.post(t, form.action, form.fields).must(t, http.StatusSeeOther)
		if got := answer.header.Get("Location"); got != "/events/lamp/registered" {
			t.Errorf("the form leads to %s", got)
		}
	}
	if len(s.registrations) != 1 {
		t.Fatalf("%d seats taken", len(s.registrations))
	}
	form.fields.Set("email", "other@example.org")
	s.post(t, form.action, form.fields).must(t, http.StatusSeeOther)
}

// A known address gets the very same answer as a new one.
func TestKnownAddressGetsTheSameAnswer(t *testing.T) {
	s := open(t)
	fields := url.Values{"name": {"Maya Reader"}, "email": {"maya@example.org"}}
	first := s.post(t, "/events/lamp/registrations", fields).must(t, http.StatusSeeOther)
	fields.Set("email", "maya+again@example.org")
	second := s.post(t, "/events/lamp/registrations", fields).must(t, http.StatusSeeOther)
	if first.header.Get("Location") != second.header.Get("Location") || first.body != second.body {
		t.Errorf("the answers differ: %v, %v", first.header, second.header)
	}
	if len(s.registrations) != 1 {
		t.Errorf("%d seats taken", len(s.registrations))
	}
}

// A full event says so before and after; the answer names the place in line.
func TestFullEventPutsPeopleInLine(t *testing.T) {
	s := open(t)
	page := s.get(t, "/events/bears")
	page.has(t, "Join the waiting list", "Put me on the list")
	page.lacks(t, "Keep my seat")
	form := fill(t, page, "registrations", url.Values{"name": {"Noor Reader"}, "email": {"noor@example.org"}})
	answer := s.post(t, form.action, form.fields).must(t, http.StatusSeeOther)
	s.get(t, answer.header.Get("Location")).has(t, "You are on the waiting list", "Your place is number 4")
}

func TestClosedEventsHaveNoForm(t *testing.T) {
	s := open(t)
	for slug, says := range map[string]string{"off": "This event is cancelled", "past": "This event is over"} {
		page := s.get(t, "/events/"+slug)
		page.has(t, says)
		page.lacks(t, "<form")
		answer := s.post(t, "/events/"+slug+"/registrations", url.Values{"name": {"Maya"}, "email": {"maya@example.org"}})
		if answer.must(t, http.StatusSeeOther).header.Get("Location") != "/events/"+slug {
			t.Errorf("%s leads to %s", slug, answer.header.Get("Location"))
		}
	}
}

type tooOften struct{ error }

func (tooOften) RetryAfter() time.Duration { return 1500 * time.Millisecond }

func TestTooManyFormsAreAskedToWaitAndLoseNothing(t *testing.T) {
	s := open(t)
	s.refuse = tooOften{registration.ErrClosed}
	page := s.post(t, "/events/lamp/registrations", url.Values{"name": {"Maya Reader"}, "email": {"maya@example.org"}})
	page.must(t, http.StatusTooManyRequests).has(t, "Wait a little", `value="Maya Reader"`, `value="maya@example.org"`)
	if got := page.header.Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After is %q", got)
	}
}

// The place in line is only a number in the address: anything else shows the plain page.
func TestReceiptIgnoresJunk(t *testing.T) {
	s := open(t)
	for _, junk := range []string{"-1", "99999999999999999999", "<script>", "1000000000", "x"} {
		s.get(t, "/events/lamp/registered?waiting="+url.QueryEscape(junk)).must(t, http.StatusOK).has(t, "Your seat is kept")
	}
}

// From the list to a seat and back again, with nothing but links and forms.
func TestWholeWayWithoutJavaScript(t *testing.T) {
	s := open(t, withoutScripts)
	s.get(t, "/events").has(t, `href="/events/lamp"`)
	form := fill(t, s.get(t, "/events/lamp"), "registrations", url.Values{"name": {"Maya Reader"}, "email": {"maya@example.org"}})
	answer := s.post(t, form.action, form.fields).must(t, http.StatusSeeOther)
	registered := s.get(t, answer.header.Get("Location"))
	registered.has(t, "Your seat is kept", "Now look in your mail", `href="/demo/mailbox"`)
	ticket := s.ticket(t, "maya@example.org")
	registered.lacks(t, ticket)

	form = fill(t, s.get(t, "/my"), "/my", url.Values{"ticket": {" https://events.library.example/my#" + ticket + " "}})
	seat := s.post(t, form.action, form.fields).must(t, http.StatusOK)
	seat.has(t, "Maya Reader", "The Lamp and the Library", "/join#"+ticket, "/events/lamp.ics")

	form = fill(t, seat, "/my/cancel", nil)
	ask := s.post(t, form.action, form.fields).must(t, http.StatusOK)
	ask.has(t, "Give your seat back?", "Keep my seat")
	if s.registrations[onlyID(s)].Status != registration.Confirmed {
		t.Fatal("the seat was given back before the person was asked")
	}
	form = fill(t, ask, "/my/cancel", nil)
	answer = s.post(t, form.action, form.fields).must(t, http.StatusSeeOther)
	s.get(t, answer.header.Get("Location")).must(t, http.StatusOK).has(t, "Thank you for telling us")

	again := s.post(t, "/my", url.Values{"ticket": {ticket}}).must(t, http.StatusForbidden)
	again.has(t, "This link opens no seat now")
	s.post(t, "/my/cancel", url.Values{"ticket": {ticket}, "sure": {"yes"}}).must(t, http.StatusForbidden)
}

// Reading never changes anything, whatever a link scanner follows.
func TestGetNeverCancels(t *testing.T) {
	s := open(t)
	ticket := s.seat(t, "lamp", "maya@example.org")
	for _, path := range []string{"/my/cancel?sure=yes&ticket=" + ticket, "/my?ticket=" + ticket, "/my/cancelled?event=lamp"} {
		s.get(t, path)
	}
	if got := s.registrations[onlyID(s)].Status; got != registration.Confirmed {
		t.Errorf("the seat is %s", got)
	}
}

func onlyID(s *site) string {
	for id := range s.registrations {
		return id
	}
	return ""
}

type filled struct {
	action string
	fields url.Values
}

// fill answers the form whose action ends so, with its hidden fields and the given ones. A field that the form does not
// have is a failure: a browser could not send it.
func fill(t *testing.T, page answer, action string, fields url.Values) filled {
	t.Helper()
	for _, form := range elements(page.document(t), "form") {
		if !strings.HasSuffix(attribute(form, "action"), action) || attribute(form, "method") != "post" {
			continue
		}
		f := filled{action: attribute(form, "action"), fields: url.Values{}}
		for _, input := range elements(form, "input") {
			f.fields.Set(attribute(input, "name"), attribute(input, "value"))
		}
		for name, values := range fields {
			if !f.fields.Has(name) {
				t.Fatalf("the form %s has no field %s", action, name)
			}
			f.fields[name] = values
		}
		return f
	}
	t.Fatalf("no form leads to %s:\n%s", action, page.body)
	return filled{}
}
