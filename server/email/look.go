package email

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lyceum/server/event"
	"lyceum/server/outreach"
	"lyceum/server/registration"
	"lyceum/server/staff"
)

// looked is what a job's ids stand for at this moment. A sign-in mail has a member of staff, the others an event and a
// registration.
type looked struct {
	event        event.Event
	registration registration.Registration
	staff        staff.Staff
}

// look reads what the job is about. A thing that does not exist any more is a *Permanent error.
func (s *Service) look(ctx context.Context, job Job) (l looked, err error) {
	if job.Kind == SignIn {
		if l.staff, err = s.Store.StaffByID(ctx, job.Staff); err != nil {
			return l, gone("staff", err, staff.ErrNotFound)
		}
		return l, nil
	}
	if l.registration, err = s.Store.Registration(ctx, job.Registration); err != nil {
		return l, gone("registration", err, registration.ErrNotFound)
	}
	if l.event, err = s.Store.Event(ctx, l.registration.EventID); err != nil {
		return l, gone("event", err, event.ErrNotFound)
	}
	return l, nil
}

func gone(what string, err, notFound error) error {
	if errors.Is(err, notFound) {
		return &Permanent{Detail: "What this mail is about does not exist any more.", Err: fmt.Errorf("email: read %s: %w", what, err)}
	}
	return fmt.Errorf("email: read %s: %w", what, err)
}

func (l looked) recipient() (name, address string) {
	if l.staff.ID != "" {
		return oneLine(l.staff.Name, registration.MaxName), l.staff.Email
	}
	return oneLine(l.registration.Name, registration.MaxName), l.registration.Email
}

func (l looked) delivery(job Job) Delivery {
	_, address := l.recipient()
	return Delivery{
		ID: job.ID, Kind: job.Kind, Channel: "email", Recipient: address, Subject: l.subject(job.Kind),
		EventID: l.event.ID, RegistrationID: l.registration.ID,
	}
}

// moot says in plain words why a mail has lost its reason since it was ordered, or "". What has changed brings a mail of
// its own; an old promise after it would only mislead.
func (l looked) moot(kind string, now time.Time) string {
	status := l.registration.Status
	if m, reminds := outreach.MomentOf(kind); reminds && status == registration.Confirmed && l.event.Status == event.Scheduled {
		if !outreach.Timely(l.event, m, now) {
			return "Not sent: by now this reminder would come at the wrong time. The event has begun, was moved, or has a later reminder."
		}
		return ""
	}
	switch kind {
	case SignIn, registration.MailCancelled:
		return ""
	case registration.MailRefused:
		if status == registration.Refused {
			return ""
		}
	case registration.MailWaitlisted:
		if status == registration.Waitlisted && l.event.Status == event.Scheduled {
			return ""
		}
	case outreach.MailEventCancelled:
		if status != registration.Cancelled {
			return ""
		}
	case registration.MailAgain, outreach.MailEventChanged:
		if (status == registration.Confirmed || status == registration.Waitlisted) && l.event.Status == event.Scheduled {
			return ""
		}
	default:
		if status == registration.Confirmed && l.event.Status == event.Scheduled {
			return ""
		}
	}
	switch {
	case l.event.Status == event.Cancelled && status != registration.Cancelled:
		return "Not sent: the event was cancelled before this mail went out."
	case status == registration.Cancelled:
		return "Not sent: the registration was cancelled before this mail went out."
	}
	return "Not sent: the registration changed before this mail went out."
}

// subject is the mail's subject line, at most some 120 characters so that lists show the essence.
func (l looked) subject(kind string) string {
	title := oneLine(l.event.Title, maxTitle)
	switch kind {
	case registration.MailRegistration:
		return "You have a seat: " + title
	case registration.MailWaitlisted:
		return "You are on the waiting list: " + title
	case registration.MailPromoted:
		return "A seat is free for you: " + title
	case registration.MailAgain:
		return "Your link again: " + title
	case registration.MailCancelled:
		if l.event.Status == event.Cancelled {
			return "The event is cancelled: " + title
		}
		return "Your seat is given back: " + title
	case registration.MailRefused:
		return "No seat for you: " + title
	case outreach.MailReminderWeek:
		return "Coming up on " + l.starts("2 January") + ": " + title
	case outreach.MailReminderDay:
		return "Reminder, " + l.starts("2 January at 15:04") + ": " + title
	case outreach.MailReminderHour:
		return "Starts at " + l.starts("15:04") + ": " + title
	case outreach.MailEventChanged:
		return "New time: " + title
	case outreach.MailEventCancelled:
		return "The event is cancelled: " + title
	}
	return "Your link to sign in"
}

// starts says the event's start as the library's clock shows it. Reminders name the time and not the distance ("in a
// week"), because a mail may wait for its server and must be true when it is read.
func (l looked) starts(layout string) string {
	zone, err := time.LoadLocation(l.event.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return l.event.StartsAt.In(zone).Format(layout)
}
