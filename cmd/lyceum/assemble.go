package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"

	"lyceum/frontend"
	"lyceum/rooms/live"
	"lyceum/rooms/sfu"
	"lyceum/rooms/state"
	"lyceum/rooms/token"
	"lyceum/server/bus"
	"lyceum/server/email"
	"lyceum/server/jobs"
	"lyceum/server/registration"
	"lyceum/server/social"
	"lyceum/server/store"
	"lyceum/server/web"
	"lyceum/signaling/socket"
	"lyceum/signaling/whip"
)

// Lives of what is handed out.
const (
	tokenLife      = 5 * time.Minute
	signInCodeLife = 15 * time.Minute
	awayFor        = 10 * time.Minute
)

// site is a running Lyceum: every part, joined.
type site struct {
	config   config
	log      *slog.Logger
	now      func() time.Time
	url      string
	secret   secret
	store    *store.Store
	bus      *bus.Bus
	relay    *jobs.Relay
	alarms   *jobs.Reminders
	state    *state.Store
	media    *sfu.Node
	hub      *live.Hub
	minter   *token.Minter
	verifier *token.Verifier
	sockets  *socket.Server
	whip     *whip.Server
	house    *household
	metrics  *metrics
	app      *fiber.App
	social   *social.Service
	listener net.Listener
	// closers undo what assemble did, last first.
	closers []func()
}

// assemble opens everything and joins it; the site does not answer until
// serve is called. After an error nothing is left open.
func assemble(ctx context.Context, c console, cfg config, demo bool) (*site, error) {
	level := slog.LevelInfo
	if demo {
		level = slog.LevelWarn // the demo's screen is for the person in front of it
	}
	log := slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: level}))
	s := &site{config: cfg, log: log, now: c.now, metrics: newMetrics()}
	for _, open := range []func(context.Context, bool) error{s.openData, s.openStores, s.openMail, s.openReminders, s.openSocial, s.openRooms, s.openWebsite, s.openMetrics, s.openControl} {
		if err := open(ctx, demo); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

// openData claims the data folder, the secret and the site's port.
func (s *site) openData(context.Context, bool) error {
	if err := s.config.makeData(); err != nil {
		return err
	}
	unlock, err := lockFolder(s.config.Data)
	if err != nil {
		return err
	}
	s.onClose(unlock)
	if s.secret, err = loadSecret(s.config.SecretFile, !s.config.external(), s.now()); err != nil {
		return err
	}
	s.listener, err = net.Listen("tcp", s.config.Listen)
	if err != nil {
		return explainListen("LYCEUM_LISTEN", s.config.Listen, err)
	}
	s.onClose(func() { _ = s.listener.Close() })
	s.url = s.config.publicURL(s.listener.Addr())
	return s.openTLS()
}

func (s *site) openStores(ctx context.Context, _ bool) (err error) {
	if s.store, err = store.Open(ctx, s.config.DatabaseURL, s.config.Data, s.log); err != nil {
		return err
	}
	s.onClose(func() { _ = s.store.Close() })
	if s.bus, err = bus.Open(ctx, s.config.NATSURL, filepath.Join(s.config.Data, "bus"), s.log); err != nil {
		return err
	}
	s.onClose(func() { _ = s.bus.Close() })
	if s.state, err = state.Open(ctx, s.config.RedisURL); err != nil {
		return err
	}
	s.onClose(func() { _ = s.state.Close() })
	return nil
}

// openMail starts the email service and the relay that feeds it.
func (s *site) openMail(ctx context.Context, demo bool) error {
	sender, err := openSender(s.config)
	if err != nil {
		return err
	}
	if s.house, err = openHousehold(ctx, s, demo); err != nil {
		return err
	}
	service, err := email.New(email.Config{
		Store: mailStore{s.store}, Sender: sender, Keys: registration.Keys{Site: s.secret.Site},
		PublicURL: s.url, From: s.config.MailFrom, Settings: s.house.Settings,
		Now: s.now, Log: s.log, SignInCode: s.newSignInCode(signInCodeLife),
	})
	if err != nil {
		return err
	}
	s.house.test = service.Test
	s.keepRunning(s.house.keepFresh)
	stop, err := s.bus.Consume(context.Background(), "email", "mail.>", func(ctx context.Context, m bus.Message) error {
		var job email.Job
		if err := json.Unmarshal(m.Data, &job); err != nil {
			return bus.Drop(err)
		}
		err := service.Handle(ctx, job)
		var permanent *email.Permanent
		if errors.As(err, &permanent) {
			return bus.Drop(err)
		}
		return err
	})
	if err != nil {
		return err
	}
	s.onClose(stop)
	s.relay = jobs.NewRelay(outbox{s.store}, s.bus, s.now, s.log)
	s.keepRunning(s.relay.Run)
	s.keepRunning(jobs.NewRetention(s.store, s.now, s.log).Run)
	return nil
}

// keepRunning runs a job until the site closes, which waits for it.
func (s *site) keepRunning(job func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		job(ctx)
	}()
	s.onClose(func() { cancel(); <-done })
}

func (s *site) openRooms(context.Context, bool) (err error) {
	s.media, err = sfu.Open(sfu.Config{Addr: s.config.MediaAddr, Announce: s.config.MediaAnnounce, Log: s.log})
	if err != nil {
		return explainListen("LYCEUM_MEDIA_ADDR", s.config.MediaAddr, err)
	}
	s.onClose(func() { _ = s.media.Close() })
	s.hub = live.New(live.Config{State: s.state, Journal: s.store, Media: s.media, Now: s.now, Log: s.log, AwayFor: awayFor})
	s.onClose(s.hub.Close)
	s.minter = token.NewMinter(s.secret.issuer(), s.secret.signing(s.now()), s.now)
	s.verifier = token.NewVerifier(s.secret.issuer(), s.secret.trusted(s.now()), s.now)
	s.keepRunning(s.keepKeys)
	return nil
}

func (s *site) openWebsite(_ context.Context, demo bool) (err error) {
	s.app, err = web.New(web.Config{
		Store: webStore{s.store}, Rooms: admitter{s.hub, s.minter, s.now}, Bans: bans{s.store, s.hub}, Keys: registration.Keys{Site: s.secret.Site},
		PublicURL: s.url, House: s.house, Social: socialDesk{s.social},
		Demo: demo, MailDir: mailFolder(s.config), Assets: frontend.Dist(), Messages: frontend.Messages(),
		RateLimits: s.config.RateLimits == "on", TrustedProxies: s.config.TrustedProxies,
		Now: s.now, Log: s.log, Poke: s.poke, Ready: s.ready, Observe: s.metrics.observe,
		Mount: func(app *fiber.App) {
			s.sockets = socket.Mount(app, socket.Config{Hub: s.hub, Verifier: s.verifier, PublicURL: s.url, Now: s.now, Log: s.log})
			s.whip = whip.Mount(app, whip.Config{Hub: s.hub, Verifier: s.verifier, PublicURL: s.url, Now: s.now, Log: s.log})
		},
	})
	return err
}

// newSignInCode mints one-time codes for staff; only their hash is stored.
func (s *site) newSignInCode(life time.Duration) func(context.Context, string) (string, error) {
	return func(ctx context.Context, staffID string) (string, error) {
		code := rand.Text()
		return code, s.store.AddSignInCode(ctx, staffID, web.HashSecret(code), s.now().Add(life))
	}
}

// ready tests every store for /readyz: name -> what is wrong, or nil.
func (s *site) ready(ctx context.Context) map[string]error {
	return map[string]error{"database": s.store.Healthy(ctx), "messages": s.bus.Healthy(ctx), "room state": s.state.Healthy(ctx)}
}

func (s *site) onClose(undo func()) { s.closers = append(s.closers, undo) }

// close undoes assemble, last first, so that nothing loses what it stands on.
func (s *site) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
	s.closers = nil
}

// explainListen turns a failure to listen into what to do about it.
func explainListen(variable, address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return refuse("%s is taken by another program. Stop it, or choose another address: %s=127.0.0.1:PORT.", address, variable)
	case errors.Is(err, syscall.EACCES):
		return refuse("this user may not listen on %s. Choose a port above 1023: %s=127.0.0.1:8080.", address, variable)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return refuse("%s is not an address of this machine. Choose one that is: %s=127.0.0.1:8080.", address, variable)
	}
	return refuse("Lyceum cannot listen on %s. Choose another address: %s=127.0.0.1:PORT.", address, variable)
}
