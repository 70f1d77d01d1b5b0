package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// embed starts a NATS server without any port and connects to it in memory.
func embed(ctx context.Context, dir string, log *slog.Logger) (*nats.Conn, func(), error) {
	srv, err := server.NewServer(&server.Options{
		ServerName:             "lyceum",
		DontListen:             true,
		NoSigs:                 true, // signals belong to main
		JetStream:              true,
		StoreDir:               dir,
		SyncAlways:             true, // the default acknowledges up to two minutes before the data is on disk
		JetStreamMaxMemory:     64 << 20,
		DisableJetStreamBanner: true,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("bus: the embedded NATS server cannot use the folder %s: %w", dir, err)
	}
	srv.SetLoggerV2(serverLog{log}, false, false, false)
	srv.Start()
	stop := func() {
		srv.Shutdown()
		srv.WaitForShutdown()
	}
	wait := 10 * time.Second
	if deadline, has := ctx.Deadline(); has {
		wait = time.Until(deadline)
	}
	// A server that could not open its folder runs on without JetStream: ask for both.
	if !srv.ReadyForConnections(wait) || !srv.JetStreamEnabled() {
		stop()
		return nil, nil, fmt.Errorf("bus: the embedded NATS server did not start; check that the folder %s is writable and has free space", dir)
	}
	conn, err := nats.Connect("", append(options(log), nats.InProcessServer(srv))...)
	if err != nil {
		stop()
		return nil, nil, fmt.Errorf("bus: connect to the embedded NATS server: %w", err)
	}
	return conn, stop, nil
}

// dial tries the servers until one answers or ctx ends: in a set of containers NATS may start after us.
func dial(ctx context.Context, urls string, log *slog.Logger) (*nats.Conn, error) {
	pause := time.NewTicker(250 * time.Millisecond)
	defer pause.Stop()
	for {
		conn, err := nats.Connect(urls, append(options(log), nats.Timeout(2*time.Second))...)
		switch {
		case err == nil:
			return conn, nil
		case errors.Is(err, nats.ErrAuthorization):
			return nil, fmt.Errorf("bus: the NATS server at %s refuses this user or password", shown(urls))
		case !errors.Is(err, nats.ErrNoServers) && !errors.Is(err, nats.ErrTimeout):
			return nil, fmt.Errorf("bus: connect to NATS at %s: %w", shown(urls), err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("bus: no NATS server answers at %s; start it or set LYCEUM_NATS_URL=embedded", shown(urls))
		case <-pause.C:
		}
	}
}

func options(log *slog.Logger) []nats.Option {
	return []nats.Option{
		nats.Name("lyceum"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(500 * time.Millisecond),
		nats.ReconnectBufSize(-1), // no hidden queue: without a connection Publish fails and the outbox keeps the row
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("bus: connection to NATS lost, trying again", "err", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { log.Info("bus: connected to NATS again") }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Debug("bus: nats client", "err", err) }),
	}
}

// replicasFor keeps three copies of a stream when three servers are named, else one.
func replicasFor(urls string) int {
	if strings.Count(urls, ",") >= 2 {
		return 3
	}
	return 1
}

// shown is the server list without user names and passwords, fit for an error text.
func shown(urls string) string {
	list := strings.Split(urls, ",")
	for i, one := range list {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil || u.Host == "" {
			list[i] = "(an address that cannot be read)"
			continue
		}
		list[i] = u.Scheme + "://" + u.Host
	}
	return strings.Join(list, ", ")
}

// serverLog writes the embedded server's own lines where an operator looks for details, not among ours. Errors keep a
// level that is shown: a damaged stream file must not stay unseen.
type serverLog struct{ log *slog.Logger }

func (l serverLog) Noticef(format string, v ...any) { l.debug(format, v) }
func (l serverLog) Warnf(format string, v ...any)   { l.debug(format, v) }
func (l serverLog) Debugf(format string, v ...any)  { l.debug(format, v) }
func (l serverLog) Tracef(format string, v ...any)  { l.debug(format, v) }
func (l serverLog) Errorf(format string, v ...any) {
	l.log.Warn("bus: nats server: " + fmt.Sprintf(format, v...))
}
func (l serverLog) Fatalf(format string, v ...any) {
	l.log.Error("bus: nats server: " + fmt.Sprintf(format, v...))
}

func (l serverLog) debug(format string, v []any) {
	l.log.Debug("bus: nats server: " + fmt.Sprintf(format, v...))
}
