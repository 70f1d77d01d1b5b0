package store

import (
	"database/sql"
	"strings"
	"time"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/staff"
	"lyceum/server/store/sqlgen"
)

func toEvent(r sqlgen.Event) event.Event {
	return event.Event{
		ID: r.ID, Slug: r.Slug, Title: r.Title, Summary: r.Summary, Description: r.Description,
		Speaker: r.Speaker, Branch: r.Branch,
		Kind: event.Kind(r.Kind), Audience: event.Audience(r.Audience), Format: event.Format(r.Format),
		StartsAt: r.StartsAt.UTC(), EndsAt: r.EndsAt.UTC(), TimeZone: r.TimeZone,
		Capacity: int(r.Capacity), Taken: int(r.Taken), Waiting: int(r.Waiting),
		Status: event.Status(r.Status), Version: r.Version, CreatedAt: r.CreatedAt.UTC(),
	}
}

func toEvents(rows []sqlgen.Event) []event.Event {
	events := make([]event.Event, len(rows))
	for i, r := range rows {
		events[i] = toEvent(r)
	}
	return events
}

// toRegistration leaves the position of a waitlisted registration at 0: only the
// rows ahead of it know.
func toRegistration(r sqlgen.Registration) registration.Registration {
	out := registration.Registration{
		ID: r.ID, EventID: r.EventID, Name: r.Name, Email: r.Email, Person: r.Person,
		Status: registration.Status(r.Status), Generation: int(r.Generation),
		CreatedAt: r.CreatedAt.UTC(), CancelledAt: plainTime(r.CancelledAt),
	}
	if out.Status == registration.Refused {
		out.Position = int(r.ShownPosition)
	}
	return out
}

func toStaff(r sqlgen.Staff) staff.Staff {
	out := staff.Staff{ID: r.ID, Email: r.Email, Name: r.Name, Person: r.Person}
	for right := range strings.FieldsSeq(r.Rights) {
		out.Rights = append(out.Rights, staff.Right(right))
	}
	return out
}

func fromRights(rights []staff.Right) string {
	words := make([]string, len(rights))
	for i, r := range rights {
		words[i] = string(r)
	}
	return strings.Join(words, " ")
}

// plainTime and nullTime turn NULL into the zero time and back.
func plainTime(t sql.NullTime) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return t.Time.UTC()
}

func nullTime(t time.Time) sql.NullTime {
	if t.IsZero() {
		return sql.NullTime{}
	}
	return sql.NullTime{Time: stamp(t), Valid: true}
}
