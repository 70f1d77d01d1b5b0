package web

import (
	"context"
	"time"

	"lyceum/server/outreach"
	"lyceum/server/registration"
)

// OutboxItem is one mail or post and what became of it.
type OutboxItem struct {
	ID             string    `json:"id"`
	Kind           string    `json:"kind"`
	Channel        string    `json:"channel"`
	Recipient      string    `json:"recipient"`
	Subject        string    `json:"subject"`
	State          string    `json:"state" enum:"sending,sent,failed,unknown"`
	Attempts       int       `json:"attempts"`
	Detail         string    `json:"detail" doc:"What the mail server said."`
	EventID        string    `json:"eventId,omitempty"`
	RegistrationID string    `json:"registrationId,omitempty"`
	Link           string    `json:"link,omitempty" doc:"The personal link in the mail; its ticket is masked except in the demo."`
	CreatedAt      time.Time `json:"createdAt"`
	UpdatedAt      time.Time `json:"updatedAt"`
}

type outboxOutput struct {
	Body struct {
		Items []OutboxItem `json:"items"`
	}
}

func (s *site) outbox(ctx context.Context, _ *empty) (*outboxOutput, error) {
	deliveries, err := s.Store.Deliveries(ctx, listLimit)
	if err != nil {
		return nil, err
	}
	out := &outboxOutput{}
	out.Body.Items = make([]OutboxItem, 0, len(deliveries))
	for _, d := range deliveries {
		out.Body.Items = append(out.Body.Items, OutboxItem{
			ID: d.ID, Kind: d.Kind, Channel: d.Channel, Recipient: d.Recipient, Subject: d.Subject,
			State: d.State, Attempts: d.Attempts, Detail: d.Detail, EventID: d.EventID, RegistrationID: d.RegistrationID,
			Link: s.linkIn(ctx, d), CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
		})
	}
	return out, nil
}

// linkIn is the personal link of a delivery. Staff must not be able to enter as a
// patron, so the ticket is masked; in the demo everybody plays both parts.
func (s *site) linkIn(ctx context.Context, d Delivery) string {
	switch d.Kind {
	case registration.MailRegistration, registration.MailWaitlisted, registration.MailPromoted, registration.MailAgain,
		outreach.MailReminderWeek, outreach.MailReminderDay, outreach.MailReminderHour, outreach.MailEventChanged:
	default:
		return ""
	}
	ticket := "\u2022\u2022\u2022\u2022"
	if s.Demo {
		r, err := s.Store.Registration(ctx, d.RegistrationID)
		if err != nil || s.Keys.Verify(s.Keys.Ticket(r.ID, r.Generation), r) != nil {
			return ""
		}
		ticket = s.Keys.Ticket(r.ID, r.Generation)
	}
	return s.address.origin + "/join#" + ticket
}
