package main

import (
	"context"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/live"
	"lyceum/rooms/token"
	"lyceum/server/email"
	"lyceum/server/jobs"
	"lyceum/server/registration"
	"lyceum/server/store"
	"lyceum/server/web"
)

// outbox shows the store to the relay.
type outbox struct{ *store.Store }

func (o outbox) Claim(ctx context.Context, owner string, limit int, lease time.Duration, now time.Time) ([]jobs.Row, error) {
	rows, err := o.ClaimOutbox(ctx, owner, limit, lease, now)
	if err != nil {
		return nil, err
	}
	claimed := make([]jobs.Row, len(rows))
	for i, r := range rows {
		claimed[i] = jobs.Row{ID: r.ID, Kind: r.Kind, Payload: r.Payload}
	}
	return claimed, nil
}

func (o outbox) Relayed(ctx context.Context, ids []string, now time.Time) error {
	return o.OutboxRelayed(ctx, ids, now)
}

// mailStore shows the store to the email service.
type mailStore struct{ *store.Store }

func (m mailStore) BeginDelivery(ctx context.Context, d email.Delivery, now time.Time) (email.Delivery, error) {
	begun, err := m.Store.BeginDelivery(ctx, store.Delivery(d), now)
	return email.Delivery(begun), err
}

// webStore shows the store to the website.
type webStore struct{ *store.Store }

func (w webStore) Register(ctx context.Context, in web.RegisterInput) (registration.Registered, error) {
	return w.Store.Register(ctx, store.RegisterInput(in))
}

func (w webStore) Deliveries(ctx context.Context, limit int) ([]web.Delivery, error) {
	rows, err := w.Store.Deliveries(ctx, limit)
	shown := make([]web.Delivery, len(rows))
	for i, r := range rows {
		shown[i] = web.Delivery(r)
	}
	return shown, err
}

// admitter lets the website hand out room tokens.
type admitter struct {
	hub    *live.Hub
	minter *token.Minter
	now    func() time.Time
}

func (a admitter) Admit(ctx context.Context, who web.Admission) (web.Pass, error) {
	banned, err := a.hub.Banned(ctx, who.EventID, who.Person)
	if err != nil {
		return web.Pass{}, err
	}
	if banned {
		return web.Pass{}, web.ErrBanned
	}
	text, err := a.minter.Mint(token.Claims{Participant: who.Participant, Name: who.Name, Person: who.Person, Room: who.EventID, Role: rooms.Role(who.Role)}, tokenLife)
	return web.Pass{Token: text, ExpiresAt: a.now().Add(tokenLife)}, err
}

// openSender answers what carries mail away: a folder, or a mail server.
func openSender(cfg config) (email.Sender, error) {
	if dir := mailFolder(cfg); dir != "" {
		sender, err := email.NewFileSender(dir)
		if err != nil {
			return nil, refuse("the mail folder %s cannot be written to. Change its owner.", dir)
		}
		return sender, nil
	}
	sender, err := email.NewSMTPSender(cfg.MailURL)
	if err != nil {
		return nil, refuse("LYCEUM_MAIL_URL cannot be understood. Write smtp://user:password@mail.library.example:587, or file: to keep mails as files.")
	}
	return sender, nil
}

// mailFolder is where mail is written when LYCEUM_MAIL_URL is file:, else "".
func mailFolder(cfg config) string {
	path, isFile := strings.CutPrefix(cfg.MailURL, "file:")
	if !isFile {
		return ""
	}
	if path = strings.TrimPrefix(path, "//"); path != "" {
		if decoded, err := url.PathUnescape(path); err == nil {
			return decoded
		}
		return path
	}
	return filepath.Join(cfg.Data, "mail")
}
