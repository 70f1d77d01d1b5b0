package main

import (
	"context"
	"log/slog"
	"time"

	"lyceum/server/store"
)

// toolbox is what the operator's tools work with. It belongs to the running
// site when there is one; otherwise a tool opens the database for itself. The
// tools are the same code either way.
type toolbox struct {
	config config
	now    func() time.Time
	store  *store.Store
	// secret reads the site's keys; make says whether they may be made now.
	secret func(make bool) (secret, error)
	// poke is called after a change that queued mail.
	poke func()
	// testMail sends a test mail; nil while no site is running.
	testMail func(ctx context.Context, to string) error
}

// tool carries out one command line. Values go to c.out, the rest to c.err.
type tool func(ctx context.Context, t *toolbox, c console, args []string) error

// tools are the commands that act on a site, running or not.
func tools() map[string]tool {
	return map[string]tool{"event": eventCommand, "staff": staffCommand, "token": tokenCommand, "mail": mailCommand}
}

// onSite makes a command of a tool: the running site carries it out, or else
// this process does, on the database alone.
func onSite(name string) func(context.Context, console, []string) error {
	return func(ctx context.Context, c console, args []string) error {
		cfg, err := readConfig(c.env)
		if err != nil {
			return err
		}
		if answered, err := askSite(ctx, cfg, c, append([]string{name}, args...)); answered {
			return err
		}
		db, err := openStore(ctx, c, cfg)
		if err != nil {
			return err
		}
		defer db.Close()
		return tools()[name](ctx, &toolbox{
			config: cfg, now: c.now, store: db, poke: func() {},
			secret: func(make bool) (secret, error) { return loadSecret(cfg.SecretFile, make && !cfg.external(), c.now()) },
		}, c, args)
	}
}

// tools is the running site's box.
func (s *site) toolbox() *toolbox {
	return &toolbox{
		config: s.config, now: s.now, store: s.store, poke: s.poke, testMail: s.house.TestMail,
		secret: func(bool) (secret, error) { return s.secret, nil },
	}
}

// openStore opens the database for a tool; the site may be running beside it.
func openStore(ctx context.Context, c console, cfg config) (*store.Store, error) {
	if err := cfg.makeData(); err != nil {
		return nil, err
	}
	return store.Open(ctx, cfg.DatabaseURL, cfg.Data, slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
}

// mailCommand sends a test mail through the running site, which opens
// registration when it goes out.
func mailCommand(ctx context.Context, t *toolbox, c console, args []string) error {
	if len(args) != 2 || args[0] != "test" {
		return misused("write: lyceum mail test ADDRESS")
	}
	if t.testMail == nil {
		return refuse("no site is running on the folder %s. Start lyceum serve first: it sends the mail.", t.config.Data)
	}
	err := t.testMail(ctx, args[1])
	if said, plain := err.(interface{ Plain() string }); plain {
		return refuse("the test mail did not go out. %s", said.Plain())
	} else if err != nil {
		return err
	}
	_, err = c.err.Write([]byte("The test mail went out. Registration is open.\n"))
	return err
}
