// Package pgtest starts a real PostgreSQL on loopback, for tests and for
// scripts/chaos: no service, no container, nothing left behind.
//
// It uses the programs of Debian's package postgresql, which scripts/test installs,
// and a folder of its own, so that a cluster which that package may have made is
// not touched. PostgreSQL refuses to run as root: then it runs as nobody. Shared
// gives all tests of one process one server; each test makes a database in it.
package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// binaries is where Debian keeps each version's programs; none of them is on PATH.
const binaries = "/usr/lib/postgresql/*/bin"

// readyWithin is how long a server may take until it answers; recovery after a
// crash is part of it.
const readyWithin = 30 * time.Second

// ErrMissing says that PostgreSQL is not installed.
var ErrMissing = errors.New("pgtest: PostgreSQL is not installed; get Debian's package postgresql")

// Server is one PostgreSQL in a folder of its own. Use it from one goroutine, but
// for URL and Create.
type Server struct {
	bin, dir string
	port     int
	durable  bool
	as       *syscall.Credential // nil: as ourselves
	process  *exec.Cmd           // nil while it is stopped
}

// Start makes a new cluster and runs it. Without durable it never flushes to disk,
// which is faster and enough where nothing is going to crash. Close it at the end.
func Start(ctx context.Context, durable bool) (*Server, error) {
	found, err := filepath.Glob(binaries)
	if err != nil || len(found) == 0 {
		return nil, ErrMissing
	}
	slices.Sort(found)
	dir, err := os.MkdirTemp("", "lyceum-pg-") // the folder of a test may be closed to nobody
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	s := &Server{bin: found[len(found)-1], dir: dir, durable: durable}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) prepare(ctx context.Context) (err error) {
	if os.Getuid() == 0 {
		if s.as, err = nobody(); err != nil {
			return err
		}
		if err := os.Chown(s.dir, int(s.as.Uid), int(s.as.Gid)); err != nil {
			return fmt.Errorf("pgtest: %w", err)
		}
	}
	if s.port, err = freePort(); err != nil {
		return err
	}
	// The server's own messages in English, its texts in UTF-8, its order that of bytes.
	init := s.command("initdb", "-D", s.data(), "-U", "lyceum", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("pgtest: initdb: %w: %s", err, out)
	}
	return s.Run(ctx)
}

// Run starts the server, again after a Stop, and returns when it answers.
func (s *Server) Run(ctx context.Context) error {
	sync := "off"
	if s.durable {
		sync = "on"
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	defer log.Close()
	cmd := s.command("postgres", "-D", s.data(), "-p", strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "fsync="+sync, "-c", "full_page_writes="+sync, "-c", "max_connections=200", "-c", "shared_buffers=32MB")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("pgtest: start: %w", err)
	}
	s.process = cmd
	return s.ready(ctx)
}

// Stop ends the server as "immediate" does when crash is set: no checkpoint, every
// connection cut, recovery at the next start. Otherwise as "fast" does.
func (s *Server) Stop(crash bool) error {
	if s.process == nil {
		return nil
	}
	signal := syscall.SIGINT // fast
	if crash {
		signal = syscall.SIGQUIT // immediate
	}
	if err := s.process.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("pgtest: stop: %w", err)
	}
	_ = s.process.Wait() // how it exits after a signal says nothing
	s.process = nil
	return nil
}

// Close ends the server and deletes its folder.
func (s *Server) Close() error { return errors.Join(s.Stop(true), os.RemoveAll(s.dir)) }

// URL is the address of a database in this server.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://lyceum@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}

// Create makes a database, which must not exist; the name is a plain word.
func (s *Server) Create(ctx context.Context, name string) error {
	return s.ask(ctx, `CREATE DATABASE "`+name+`"`)
}

func (s *Server) ask(ctx context.Context, statement string) error {
	db, err := sql.Open("pgx", s.URL("postgres"))
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	return nil
}

func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		err := s.ask(ctx, "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("pgtest: the server does not answer; see %s: %w", filepath.Join(s.dir, "log"), err)
		case <-again.C:
		}
	}
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = attributes(s.as)
	return cmd
}

func nobody() (*syscall.Credential, error) {
	who, err := user.Lookup("nobody")
	if err != nil {
		return nil, fmt.Errorf("pgtest: root needs another user to run PostgreSQL: %w", err)
	}
	uid, err := strconv.ParseUint(who.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	gid, err := strconv.ParseUint(who.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("pgtest: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
