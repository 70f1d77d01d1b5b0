package email

import (
	"strings"

	ics "github.com/arran4/golang-ical"

	"lyceum/server/event"
	"lyceum/server/outreach"
	"lyceum/server/registration"
)

// invitation says what a mail does to the reader's calendar: put the event there, take it away, or "" for nothing.
func invitation(kind string, l looked) ics.Method {
	switch kind {
	case registration.MailRegistration, registration.MailPromoted:
		return ics.MethodRequest
	case registration.MailAgain, outreach.MailEventChanged:
		if l.registration.Seated() {
			return ics.MethodRequest
		}
	case registration.MailCancelled, outreach.MailEventCancelled:
		return ics.MethodCancel
	}
	return ""
}

// entry is the event as one calendar entry (RFC 5545, RFC 5546). The UID is the event's and stays; the sequence is the
// event's version, which only rises, so a calendar replaces what it had and never goes back. Times are in UTC: one dated
// happening needs no zone rules, and every calendar shows it in its owner's zone. The ticket is not in it, because people
// share their calendars.
func (s *Service) entry(l looked, method ics.Method) string {
	e := l.event
	cal := ics.NewCalendar()
	cal.SetProductId("-//Lyceum//Lyceum//EN")
	cal.SetMethod(method)
	entry := cal.AddEvent(e.ID + "@" + s.host)
	entry.SetDtStampTime(s.Now())
	entry.SetSequence(int(e.Version))
	entry.SetStartAt(e.StartsAt)
	entry.SetEndAt(e.EndsAt)
	entry.SetSummary(oneLine(e.Title, maxTitle))
	entry.SetLocation(where(e))
	entry.SetURL(s.PublicURL + "/events/" + e.Slug)
	entry.SetOrganizer(s.from.Address, ics.WithCN(strings.ReplaceAll(s.library(), `"`, "'")))
	entry.AddAttendee(l.registration.Email, ics.WithRSVP(false), ics.ParticipationStatusAccepted)
	if method == ics.MethodCancel {
		entry.SetStatus(ics.ObjectStatusCancelled)
		entry.SetDescription(cancelled(e))
	} else {
		entry.SetStatus(ics.ObjectStatusConfirmed)
		entry.SetDescription("Your personal link is in the mail from " + s.library() + ".")
	}
	return cal.Serialize(ics.WithNewLineWindows)
}

func cancelled(e event.Event) string {
	if e.Status == event.Cancelled {
		return "This event is cancelled."
	}
	return "Your seat is given back."
}
