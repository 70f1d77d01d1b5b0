package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"lyceum/server/registration"
	"lyceum/server/web/pages"
)

// Limits of one request. Everything Lyceum reads is small; the largest body is an
// SDP offer on /whip. A body above hardBody is not read at all: the connection is
// cut, and a sender in full flow may miss the answer. Between the two there is one.
const (
	maxBody    = 128 << 10 // bytes
	hardBody   = 1 << 20   // bytes
	maxHeaders = 16 << 10  // bytes, request line included

	readTimeout  = 10 * time.Second // whole request
	writeTimeout = 30 * time.Second // whole answer
	idleTimeout  = 75 * time.Second // between requests of one connection
	answerWithin = 8 * time.Second  // what a handler may take
)

// Config is everything the website is given. All fields are required unless they
// say otherwise.
type Config struct {
	Store Store
	Rooms Rooms
	// Bans shows and lifts what hosts decided in rooms.
	Bans Bans
	Keys registration.Keys
	// Social posts to social networks. May be nil: then there is nothing to connect.
	Social Social
	// PublicURL is the address people type, such as https://events.library.example,
	// without a path. Its scheme decides about the cookie's name and HSTS.
	PublicURL string
	// House is what the library says about itself, and its mail.
	House House
	// Demo opens the mailbox page and shows links in the outbox: a demo has no secrets.
	Demo bool
	// MailDir is the folder of .eml files the demo's mailbox reads. Empty when there is none.
	MailDir string
	// Assets is the built frontend: .vite/manifest.json and assets/.
	Assets fs.FS
	// Messages is the catalogue of the public pages, one flat JSON object.
	Messages []byte
	// RateLimits is false only on a loopback site that is being measured.
	RateLimits bool
	// TrustedProxies are the addresses or CIDR ranges whose X-Forwarded-For is believed. May be empty.
	TrustedProxies []string
	Now            func() time.Time
	Log            *slog.Logger
	// Poke is called after a commit that queued mail. May be nil.
	Poke func()
	// Ready checks the parts of the house by name; nil errors are good. May be nil.
	Ready func(ctx context.Context) map[string]error
	// Observe is told of every answered request, by the route's pattern. May be nil.
	Observe func(method, route string, status int, took time.Duration)
	// Mount lets the live connections add their routes before the 404s. May be nil.
	Mount func(app *fiber.App)
}

// site is the website: the configuration and what New made out of it.
type site struct {
	Config
	address address
	proxies proxies
	limits  limits
	desk    *desk
	assets  *assets
	pages   *pages.Site
	policy  map[string]rule
	routes  []fiber.Route
}

// New builds the application: the middleware, the API, the files, the pages and
// the live connections, in this order. Serve it with app.Listener and end it with
// app.ShutdownWithContext; live connections must be closed before that, because
// Fiber neither waits for them nor ends them.
func New(c Config) (*fiber.App, error) {
	s, err := newSite(c)
	if err != nil {
		return nil, err
	}
	app := fiber.New(s.fiberConfig())
	for _, middleware := range s.middleware() {
		app.Use(middleware)
	}
	if err := s.mountAPI(app); err != nil {
		return nil, err
	}
	s.mountAssets(app)
	s.mountHealth(app)
	if c.Mount != nil {
		c.Mount(app)
	}
	// Unknown addresses below these must not fall through to a page.
	app.Use("/api", s.missing)
	app.Use("/assets", s.missing)
	s.pages, err = pages.Mount(app, s.pagesConfig())
	if err != nil {
		return nil, fmt.Errorf("web: mount the pages: %w", err)
	}
	app.Use(s.missing)
	s.routes = app.GetRoutes(true)
	return app, nil
}

func newSite(c Config) (*site, error) {
	if c.Store == nil || c.Rooms == nil || c.Bans == nil || c.House == nil || c.Now == nil || c.Log == nil || len(c.Keys.Site) < 32 {
		return nil, errors.New("web: Store, Rooms, Bans, House, Keys, Now and Log are required")
	}
	if c.Poke == nil {
		c.Poke = func() {}
	}
	if c.Observe == nil {
		c.Observe = func(string, string, int, time.Duration) {}
	}
	if c.Social == nil {
		c.Social = noSocial{}
	}
	s := &site{Config: c, limits: newLimits(c.RateLimits, c.Now), policy: policyByRoute()}
	var err error
	if s.address, err = parseAddress(c.PublicURL); err != nil {
		return nil, err
	}
	if s.proxies, err = parseProxies(c.TrustedProxies); err != nil {
		return nil, err
	}
	if s.assets, err = loadAssets(c.Assets); err != nil {
		return nil, err
	}
	s.desk = &desk{store: c.Store, keys: c.Keys, limits: s.limits, now: c.Now, poke: c.Poke, open: c.House.Open}
	return s, nil
}

func (s *site) fiberConfig() fiber.Config {
	return fiber.Config{
		DisableStartupMessage: true,
		// Fiber reuses a request's memory after the handler; what we keep must be ours.
		Immutable:     true,
		CaseSensitive: true,
		BodyLimit:     hardBody, ReadBufferSize: maxHeaders,
		ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		// Gives a request's buffer back before its handler runs, so that a websocket does not keep one for hours.
		ReduceMemoryUsage:            true,
		DisablePreParseMultipartForm: true,
		ErrorHandler:                 s.answerError,
	}
}

func (s *site) pagesConfig() pages.Config {
	return pages.Config{
		Store: s.Store, Desk: s.desk,
		PublicURL: s.address.origin, Settings: s.House.Settings, Open: s.House.Open,
		Demo: s.Demo, MailDir: s.MailDir, Messages: s.Messages,
		Asset: s.assets.entry, Now: s.Now, Log: s.Log,
	}
}
