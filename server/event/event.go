// Package event holds the rules of an event: one dated happening of a library,
// such as an author talk or a club meeting.
//
// New turns a Draft, which is what a person typed, into an Event that the rest
// of Lyceum may trust; nothing else makes one. The questions an event answers
// (are seats left, are the doors open, is it over) take the present moment as an
// argument, so every rule can be tried at any hour. The package knows no
// database, no network and no clock. Times are UTC; TimeZone only says how
// people of that library read them.
package event

import (
	"errors"
	"time"
)

// Kind says what sort of happening an event is.
type Kind string

// The kinds a library offers.
const (
	AuthorTalk  Kind = "author-talk"
	ClubMeeting Kind = "club-meeting"
	Workshop    Kind = "workshop"
	StoryTime   Kind = "story-time"
	Class       Kind = "class"
)

// Kinds lists every kind in the order forms show them.
func Kinds() []Kind { return []Kind{AuthorTalk, ClubMeeting, Workshop, StoryTime, Class} }

// Audience is one of the age bands that libraries report by (IMLS Public
// Libraries Survey).
type Audience string

// The age bands, in years.
const (
	Ages0to5   Audience = "0-5"
	Ages6to11  Audience = "6-11"
	Ages12to18 Audience = "12-18"
	Ages19up   Audience = "19+"
	General    Audience = "general"
)

// Audiences lists every age band in the order forms show them.
func Audiences() []Audience {
	return []Audience{Ages0to5, Ages6to11, Ages12to18, Ages19up, General}
}

// Format says where people meet.
type Format string

// The three formats.
const (
	Online   Format = "online"
	InPerson Format = "in-person"
	Hybrid   Format = "hybrid"
)

// Formats lists every format in the order forms show them.
func Formats() []Format { return []Format{Online, InPerson, Hybrid} }

// Status says whether an event will take place. Past events stay scheduled.
type Status string

// An event is scheduled until it is cancelled, which is final.
const (
	Scheduled Status = "scheduled"
	Cancelled Status = "cancelled"
)

// Doors open a little early, for the device check, and close late, because
// talks run over.
const (
	DoorsBefore = 15 * time.Minute
	DoorsAfter  = 30 * time.Minute
)

// Errors of this package; callers compare with errors.Is.
var (
	ErrNotFound  = errors.New("event: not found")
	ErrCancelled = errors.New("event: cancelled") // a cancelled event cannot be moved
)

// Event is one dated happening.
type Event struct {
	ID          string
	Slug        string // unique, readable, part of the public address
	Title       string
	Summary     string // one or two sentences
	Description string // markdown
	Speaker     string // the author's or leader's name
	Branch      string

	Kind     Kind
	Audience Audience
	Format   Format

	StartsAt time.Time // UTC
	EndsAt   time.Time // UTC
	TimeZone string    // IANA name

	Capacity int // seats offered
	Taken    int // seats held by confirmed registrations, never above Capacity
	Waiting  int // registrations on the waitlist

	Status    Status
	Version   int64 // rises with every change; orders registrations
	CreatedAt time.Time
}

// SeatsLeft is the number of seats nobody holds. It is never negative.
func (e Event) SeatsLeft() int { return max(0, e.Capacity-e.Taken) }

// Live reports whether the event is on at now: scheduled, begun, not ended.
func (e Event) Live(now time.Time) bool {
	return e.Status == Scheduled && !now.Before(e.StartsAt) && now.Before(e.EndsAt)
}

// DoorsOpen reports whether people may enter the room at now: from DoorsBefore
// ahead of the start until DoorsAfter past the end.
func (e Event) DoorsOpen(now time.Time) bool {
	return e.Status == Scheduled && !now.Before(e.OpensAt()) && now.Before(e.ClosesAt())
}

// OpensAt is the moment the room's doors open.
func (e Event) OpensAt() time.Time { return e.StartsAt.Add(-DoorsBefore) }

// ClosesAt is the moment after which nobody may enter the room.
func (e Event) ClosesAt() time.Time { return e.EndsAt.Add(DoorsAfter) }

// Over reports whether the event's planned end has passed at now. It says
// nothing about cancellation.
func (e Event) Over(now time.Time) bool { return !now.Before(e.EndsAt) }
