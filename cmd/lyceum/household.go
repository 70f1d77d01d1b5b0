package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	netmail "net/mail"
	"net/url"
	"sync"
	"time"

	"lyceum/server/settings"
	"lyceum/server/store"
	"lyceum/server/web"
)

// settingsAge is how long another node's change of the settings may go unseen.
const settingsAge = 5 * time.Second

// household keeps the library's settings and the state of its mail in memory,
// for pages and mails, and in step with the database. It is web.House.
type household struct {
	store *store.Store
	now   func() time.Time
	setup string   // names this mail set-up, see mailSetup
	mail  web.Mail // Server and From alone; the rest is asked for
	files bool     // mail is written to a folder
	local bool     // only this machine can reach the site, or it is the demo
	test  func(ctx context.Context, to string) error

	mu      sync.RWMutex
	current settings.Settings
	proof   store.MailProof
}

// openHousehold reads the settings. The email service is made after it, since
// mails need them: set test before the site serves.
func openHousehold(ctx context.Context, s *site, demo bool) (*household, error) {
	h := &household{store: s.store, now: s.now, setup: mailSetup(s.config, s.secret), files: mailFolder(s.config) != ""}
	h.local = demo || (loopback(s.config.Listen) && loopback(hostOf(s.url)))
	if from, err := netmail.ParseAddress(s.config.MailFrom); err == nil {
		h.mail.From = from.Address
	}
	if u, err := url.Parse(s.config.MailURL); err == nil && !h.files {
		h.mail.Server = u.Host
	}
	return h, h.refresh(ctx)
}

// refresh takes over what another node or command has written.
func (h *household) refresh(ctx context.Context) error {
	current, err := h.store.Settings(ctx)
	if err != nil {
		return err
	}
	proof, err := h.store.MailProof(ctx)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if current.Version >= h.current.Version { // our own newer change may just have been saved
		h.current = current
	}
	h.proof = proof
	return nil
}

// keepFresh runs until ctx ends. A database that does not answer leaves what is known in force.
func (h *household) keepFresh(ctx context.Context) {
	for tick := time.NewTicker(settingsAge); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			_ = h.refresh(ctx) // /readyz tells about the database
		}
	}
}

func (h *household) Settings() settings.Settings {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.current
}

func (h *household) SaveSettings(ctx context.Context, changed settings.Settings) (settings.Settings, error) {
	saved, err := h.store.SaveSettings(ctx, changed, h.now())
	if err != nil {
		return settings.Settings{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.current = saved
	return saved, nil
}

// Open implements web.House. Mail that is kept as files reaches nobody, so it
// is good for this machine only.
func (h *household) Open() bool {
	if h.files {
		return h.local
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.proof.Setup == h.setup
}

func (h *household) Mail() web.Mail {
	mail := h.mail
	h.mu.RLock()
	defer h.mu.RUnlock()
	switch {
	case h.files:
		mail.State = "files"
	case h.proof.Setup == h.setup:
		mail.State, mail.TestedAt = "works", h.proof.TestedAt
	default:
		mail.State = "untested"
	}
	return mail
}

// TestMail sends one mail and remembers that this set-up works.
func (h *household) TestMail(ctx context.Context, to string) error {
	if err := h.test(ctx, to); err != nil {
		return err
	}
	if err := h.store.SaveMailProof(ctx, h.setup, h.now()); err != nil {
		return err
	}
	return h.refresh(ctx)
}

// mailSetup names a mail set-up, so that another server, user or sender asks
// for another test. It is keyed, because the address holds a password.
func mailSetup(cfg config, keys secret) string {
	sum := hmac.New(sha256.New, keys.Site)
	sum.Write([]byte("mail set-up\x00" + cfg.MailURL + "\x00" + cfg.MailFrom))
	return hex.EncodeToString(sum.Sum(nil))
}

// mailHost is the mail server's address for dialing, "" for files.
func mailHost(cfg config) string {
	u, err := url.Parse(cfg.MailURL)
	if err != nil || mailFolder(cfg) != "" {
		return ""
	}
	port := u.Port()
	if port == "" && u.Scheme == "smtps" {
		port = "465"
	} else if port == "" {
		port = "587"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

var _ web.House = (*household)(nil)
