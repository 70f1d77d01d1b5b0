package post

import (
	"errors"
	"time"

	"lyceum/server/event"
)

// The services that a channel can be on.
const (
	Mastodon = "mastodon"
	Bluesky  = "bluesky"
)

// The moments of an event that have a post.
const (
	Announced  = "announced"   // as soon as staff approve it
	HourBefore = "hour-before" // an hour before the event starts, wherever it was moved to
)

// Moments lists every moment, in order of time.
func Moments() []string { return []string{Announced, HourBefore} }

// The states of a post. Unknown means that an attempt may have reached the service and its answer was lost.
const (
	Planned = "planned"
	Sending = "sending"
	Sent    = "sent"
	Failed  = "failed"
	Unknown = "unknown"
)

// Errors of this package; callers compare with errors.Is.
var (
	ErrNotFound = errors.New("post: not found")
	ErrOut      = errors.New("post: it is out, or may be, and cannot change any more")
	ErrBusy     = errors.New("post: another attempt is under way, or none is due")
)

// Channel is one connected account. Its credentials are not part of it.
type Channel struct {
	ID      string
	Service string
	Server  string // origin, such as https://social.example
	Account string // as the service writes it: library@social.example, library.bsky.social
	// TextLimit is the longest text, counted as the service counts; LinkLength is what any link counts for there, 0 for
	// its real length.
	TextLimit  int
	LinkLength int
	Fault      string // what the last check found, "" for nothing
	CheckedAt  time.Time
	CreatedAt  time.Time
	RemovedAt  time.Time // zero while connected
}

// Post is one text for one event, channel and moment, and what became of it. It is also its own delivery: every attempt
// uses ID as the key that lets the service recognise a repetition.
type Post struct {
	ID, EventID, ChannelID, Moment, Text string

	State      string
	Attempts   int
	Fault      string // a code of fault.go, "" for none
	Link       string // where the post can be read, once it is out
	ApprovedBy string // id of a member of staff
	CreatedAt  time.Time
	UpdatedAt  time.Time
	TriedAt    time.Time // first attempt; zero before it
	MaybeAt    time.Time // first attempt that may have arrived without an answer; zero when there is none
	NextAt     time.Time // when the next attempt may begin; zero when nothing is left to do
}

// Outcome is what an attempt ended with.
type Outcome struct {
	State, Fault, Link string
	MaybeAt, NextAt    time.Time
}

// Shown is a post together with the channel it belongs to.
type Shown struct {
	Post    Post
	Channel Channel
}

// DueAt is when a post for that moment goes out, given that staff approve it at now.
func DueAt(e event.Event, moment string, now time.Time) time.Time {
	if moment == HourBefore {
		return e.StartsAt.Add(-time.Hour)
	}
	return now
}

// Moot says why a post for that moment should not go out any more, or "".
func Moot(e event.Event, moment string, now time.Time) string {
	switch {
	case e.Status == event.Cancelled:
		return FaultCancelled
	case moment == HourBefore && !now.Before(e.StartsAt), moment == Announced && e.Over(now):
		return FaultTooLate
	}
	return ""
}

// Again tells whether staff may ask for another attempt: it failed, and not for a reason that nobody can mend.
func (p Post) Again() bool {
	switch p.Fault {
	case FaultCancelled, FaultTooLate, FaultDisconnected:
		return false
	}
	return p.State == Failed || p.State == Unknown
}
