package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"lyceum/server/registration"
	"lyceum/server/store/ledger"
	"lyceum/server/store/pgtest"
)

// site is one lyceum serve with its own folder, and its database.
type site struct {
	binary, data, database, secret string
	url, listen                    string
	postgres                       *pgtest.Server // nil on SQLite, and for a second node
	process                        *exec.Cmd
	exited                         chan error // capacity 1, one for each process
	log                            *os.File   // what all processes say
	books                          *ledger.Ledger
	client                         *http.Client
}

// newSite makes everything but starts no process.
func newSite(ctx context.Context, o options) (s *site, err error) {
	binary, err := filepath.Abs(o.binary)
	if err != nil {
		return nil, err
	}
	if s, err = newNode(binary); err != nil {
		return nil, err
	}
	s.database, s.secret = "sqlite:", filepath.Join(s.data, "secret.json")
	switch o.database {
	case "sqlite":
	case "postgres":
		if s.postgres, err = pgtest.Start(ctx, true); err == nil {
			s.database = s.postgres.URL("postgres")
		}
	default:
		err = fmt.Errorf("the database is sqlite or postgres, not %q", o.database)
	}
	if err == nil {
		s.books, err = ledger.Open(s.database, s.data)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// newNode is one process's own: a folder, an address, a log.
func newNode(binary string) (*site, error) {
	data, err := os.MkdirTemp("", "lyceum-chaos-")
	if err != nil {
		return nil, err
	}
	s := &site{binary: binary, data: data, client: &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 256},
	}}
	if s.listen, err = freeAddress(); err == nil {
		s.url = "http://" + s.listen
		s.log, err = os.Create(filepath.Join(data, "log"))
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(data))
	}
	return s, nil
}

// beside makes a second node of the same library: its database and its secret.
func (s *site) beside() (*site, error) {
	other, err := newNode(s.binary)
	if err != nil {
		return nil, err
	}
	other.database, other.secret = s.database, s.secret
	return other, nil
}

// freeAddress is a loopback address that was free a moment ago: it must stay the
// same over restarts.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func (s *site) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.binary, args...)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.data, "LYCEUM_DATA=" + s.data, "LYCEUM_DATABASE_URL=" + s.database, "LYCEUM_SECRET_FILE=" + s.secret,
		"LYCEUM_LISTEN=" + s.listen, "LYCEUM_MEDIA_ADDR=127.0.0.1:0", "LYCEUM_RATE_LIMITS=off", "LYCEUM_MAIL_URL=file:",
	}
	cmd.Stderr = s.log
	return cmd
}

// addEvent makes an event of tomorrow with the operator's own tool.
func (s *site) addEvent(ctx context.Context, seats int) (id string, err error) {
	starts := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	out, err := s.command(ctx, "event", "add", "--title", "A race", "--kind", "workshop", "--starts", starts, "--capacity", fmt.Sprint(seats)).Output()
	if err != nil {
		return "", fmt.Errorf("add an event: %w; see %s", err, s.log.Name())
	}
	return strings.TrimSpace(string(out)), nil
}

// start runs lyceum serve and returns when it is ready.
func (s *site) start(ctx context.Context) error {
	s.process = s.command(context.Background(), "serve")
	if err := s.process.Start(); err != nil {
		return err
	}
	process, exited := s.process, make(chan error, 1)
	s.exited = exited
	go func() { exited <- process.Wait() }()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	deadline := time.After(time.Minute)
	for {
		if answer, err := s.client.Get(s.url + "/readyz"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-exited:
			exited <- err
			return fmt.Errorf("lyceum serve ended by itself: %v; see %s", err, s.log.Name())
		case <-again.C:
		case <-deadline:
			return fmt.Errorf("lyceum serve is not ready after a minute; see %s", s.log.Name())
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// stop sends the signal and waits until the process is gone.
func (s *site) stop(signal syscall.Signal) error {
	if s.process == nil {
		return nil
	}
	if err := s.process.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	s.process = nil
	select {
	case <-s.exited:
		return nil
	case <-time.After(30 * time.Second):
		return errors.New("lyceum serve does not end within 30 s")
	}
}

// close ends everything; the folder stays when something went wrong before.
func (s *site) close() error {
	err := s.stop(syscall.SIGKILL)
	if s.books != nil {
		err = errors.Join(err, s.books.Close())
	}
	if s.postgres != nil {
		err = errors.Join(err, s.postgres.Close())
	}
	if s.log != nil {
		err = errors.Join(err, s.log.Close())
	}
	return err
}

// tickets reads the site's key, which makes the tickets that its mails carry.
func (s *site) tickets() (registration.Keys, error) {
	text, err := os.ReadFile(s.secret)
	if err != nil {
		return registration.Keys{}, err
	}
	var secret struct{ Site []byte }
	if err := json.Unmarshal(text, &secret); err != nil {
		return registration.Keys{}, err
	}
	return registration.Keys{Site: secret.Site}, nil
}

// receipt is the answer to a registration.
type receipt struct {
	ID, Status string
	Position   int
}

// register sends one application, once. The status is 0 when no answer came.
func (s *site) register(ctx context.Context, event, name, email, key string) (status int, r receipt) {
	body, err := json.Marshal(map[string]string{"name": name, "email": email})
	if err != nil {
		return 0, r
	}
	return s.send(ctx, http.MethodPost, "/api/events/"+event+"/registrations", body, "Idempotency-Key", key)
}

func (s *site) cancel(ctx context.Context, ticket string) (status int) {
	status, _ = s.send(ctx, http.MethodDelete, "/api/registration", nil, "Authorization", "Bearer "+ticket)
	return status
}

func (s *site) send(ctx context.Context, method, path string, body []byte, header, value string) (status int, r receipt) {
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, r
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(header, value)
	answer, err := s.client.Do(request)
	if err != nil {
		return 0, r
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusCreated && json.NewDecoder(answer.Body).Decode(&r) != nil {
		return 0, r // cut off in the middle: no answer
	}
	return answer.StatusCode, r
}

// insist repeats a registration under its key until it is answered 201, as a
// careful client does. It gives up when ctx ends, or on an answer that a repeat
// cannot change.
func (s *site) insist(ctx context.Context, event, name, email, key string, verdict *judge) (r receipt, ok bool) {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		status, r := s.register(ctx, event, name, email, key)
		switch {
		case status == http.StatusCreated:
			return r, true
		case status != 0 && status != http.StatusServiceUnavailable && ctx.Err() == nil:
			verdict.broke("a registration was answered %d", status)
			return r, false
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return r, false
		}
	}
}
