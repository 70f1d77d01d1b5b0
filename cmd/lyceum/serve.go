package main

import (
	"context"
	"fmt"
	"time"
)

// closeWithin is how long open requests and rooms get to end.
const closeWithin = 4 * time.Second

func serveCommand(ctx context.Context, c console, args []string) error {
	if len(args) > 0 {
		return misused("serve takes no words: it is set up by LYCEUM_* variables. Run lyceum help.")
	}
	cfg, err := readConfig(c.env)
	if err != nil {
		return err
	}
	s, err := assemble(ctx, c, cfg, false)
	if err != nil {
		return err
	}
	defer s.close()
	fmt.Fprintf(c.err, "Lyceum is running at %s\nCtrl-C ends it.\n", s.url)
	return s.serve(ctx)
}

// serve answers requests until ctx ends, then closes the doors in order:
// rooms are told first, since Fiber neither waits for nor closes websockets.
func (s *site) serve(ctx context.Context) error {
	failed := make(chan error, 1) // one listener, one result: never blocks
	go func() { failed <- s.app.Listener(s.listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	for _, shut := range []func(context.Context) error{s.sockets.Close, s.whip.Close, s.app.ShutdownWithContext} {
		if err := shut(end); err != nil {
			s.log.Warn("something was cut off at the end", "error", err)
		}
	}
	return nil
}

func migrateCommand(ctx context.Context, c console, _ []string) error {
	cfg, err := readConfig(c.env)
	if err != nil {
		return err
	}
	db, err := openStore(ctx, c, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	fmt.Fprintln(c.err, "The database is up to date.")
	return nil
}
