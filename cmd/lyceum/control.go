package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// The control socket lets the operator's tools act through the running site: a
// unix socket in the data folder that its owner alone may open. One connection
// carries one JSON request and one JSON answer.
const (
	controlName   = "control.sock"
	controlWithin = 60 * time.Second // one command, from asking to the answer
	controlMost   = 64 << 10         // bytes of a request
	// controlPath is the longest socket path that every Unix takes.
	controlPath = 100
)

type controlRequest struct {
	Args []string `json:"args"`
}

// controlAnswer is what a command printed and how it ended. Refusal is a
// sentence for the person at the keyboard; Failure is anything else.
type controlAnswer struct {
	Out     string `json:"out"`
	Said    string `json:"said"`
	Refusal string `json:"refusal,omitempty"`
	Misused bool   `json:"misused,omitempty"`
	Failure string `json:"failure,omitempty"`
}

// openControl listens until the site closes, which waits for commands in
// flight. The folder's lock is held, so a socket that is there is a dead one's.
func (s *site) openControl(context.Context, bool) error {
	path, done, err := socketPath(s.config.Data)
	if err != nil {
		return err
	}
	defer done()
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("control socket: %w", err)
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return refuse("the control socket cannot be made in %s: does its file system know sockets? Choose another folder: LYCEUM_DATA.", s.config.Data)
	}
	// The folder is 0700 when we made it; the socket does not rely on that.
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(fmt.Errorf("control socket: %w", err), listener.Close())
	}
	listener.SetUnlinkOnClose(false) // its name may be a path of /proc that is gone by then
	ctx, cancel := context.WithCancel(context.Background())
	var busy sync.WaitGroup
	busy.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			busy.Go(func() { s.answerControl(ctx, conn) })
		}
	})
	s.onClose(func() {
		_ = listener.Close()
		_ = os.Remove(filepath.Join(s.config.Data, controlName))
		cancel()
		busy.Wait()
	})
	return nil
}

func (s *site) answerControl(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, controlWithin)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	var request controlRequest
	if err := json.NewDecoder(io.LimitReader(conn, controlMost)).Decode(&request); err != nil || len(request.Args) == 0 {
		return
	}
	var out, said bytes.Buffer
	var answer controlAnswer
	act, known := tools()[request.Args[0]]
	if !known {
		answer.Refusal = "the running site does not know this command. Restart it: it is of another version."
	} else {
		err := act(ctx, s.toolbox(), console{out: &out, err: &said, now: s.now}, request.Args[1:])
		answer = answerOf(err)
		s.log.Info("command", "name", request.Args[0], "done", err == nil)
	}
	answer.Out, answer.Said = out.String(), said.String()
	if err := json.NewEncoder(conn).Encode(answer); err != nil {
		s.log.Warn("a command's answer was not read", "name", request.Args[0])
	}
}

func answerOf(err error) (a controlAnswer) {
	var said *refusal
	switch {
	case errors.As(err, &said):
		a.Refusal, a.Misused = said.sentence, errors.Is(err, errUsage)
	case err != nil:
		a.Failure = err.Error()
	}
	return a
}

// askSite hands a command to the site that runs on the data folder; answered is
// false when there is none.
func askSite(ctx context.Context, cfg config, c console, args []string) (answered bool, err error) {
	path, done, err := socketPath(cfg.Data)
	if err != nil {
		return false, nil // no folder, no site
	}
	defer done()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if errors.Is(err, fs.ErrPermission) {
		return true, refuse("the site on %s belongs to another user. Run this as that user.", cfg.Data)
	} else if err != nil {
		return false, nil // not there, or a dead one's
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if err := conn.SetDeadline(time.Now().Add(controlWithin)); err != nil {
		return true, err
	}
	var answer controlAnswer
	if err := errors.Join(json.NewEncoder(conn).Encode(controlRequest{args}), json.NewDecoder(conn).Decode(&answer)); err != nil {
		return true, refuse("the running site did not answer. Look whether the change is there before you try again.")
	}
	fmt.Fprint(c.out, answer.Out)
	fmt.Fprint(c.err, answer.Said)
	switch {
	case answer.Misused:
		return true, misused("%s", answer.Refusal)
	case answer.Refusal != "":
		return true, refuse("%s", answer.Refusal)
	case answer.Failure != "":
		return true, errors.New(answer.Failure)
	}
	return true, nil
}

// socketPath is where the socket of a data folder is reached. Socket paths are
// short; a deep folder is reached through an open handle of it (Linux).
func socketPath(data string) (path string, done func(), err error) {
	if path = filepath.Join(data, controlName); len(path) <= controlPath {
		return path, func() {}, nil
	}
	dir, err := os.Open(data)
	if err != nil {
		return "", nil, err
	}
	return filepath.Join("/proc/self/fd", strconv.Itoa(int(dir.Fd())), controlName), func() { _ = dir.Close() }, nil
}
