package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"lyceum/signaling/client/load"
)

// server is one of the things compared.
type server struct {
	name  string
	start func(ctx context.Context, programs string, subscribers int) (*process, load.Target, error)
}

// servers in the order of a round. The reference comes first and is 1.0.
var servers = []server{
	{"reference", bare()},
	{"best bare", bare("-best")},
	{"lyceum", lyceum},
}

// process is a running server on its core.
type process struct {
	cmd  *exec.Cmd
	dir  string // removed when it ends
	once sync.Once
}

// startWithin bounds how long a server may take to answer.
const startWithin = 20 * time.Second

func start(ctx context.Context, dir, address string, env []string, args ...string) (*process, error) {
	c := exec.Command("taskset", append([]string{"-c", strconv.Itoa(serverCore)}, args...)...)
	c.Env = append(os.Environ(), env...)
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said strings.Builder
	c.Stderr = &said
	if err := c.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: c, dir: dir}
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/", nil)
		if err != nil {
			return nil, err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			return p, nil
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			p.stop()
			return nil, fmt.Errorf("%s does not answer: %w: %s", args[0], err, said.String())
		}
	}
}

func (p *process) stop() {
	p.once.Do(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		limit := time.AfterFunc(5*time.Second, func() { _ = p.cmd.Process.Kill() })
		_ = p.cmd.Wait()
		limit.Stop()
		if p.dir != "" {
			_ = os.RemoveAll(p.dir)
		}
	})
}

// bare starts the reference program.
func bare(args ...string) func(context.Context, string, int) (*process, load.Target, error) {
	return func(ctx context.Context, programs string, _ int) (*process, load.Target, error) {
		address, err := freePort()
		if err != nil {
			return nil, load.Target{}, err
		}
		p, err := start(ctx, "", address, nil, append([]string{filepath.Join(programs, "reference"), "-http", address}, args...)...)
		return p, load.Target{Publish: "http://" + address + "/whip", Play: "http://" + address + "/whep"}, err
	}
}

// lyceum starts the whole product on an empty folder, with one event that is
// live and a token for each participant.
func lyceum(ctx context.Context, programs string, subscribers int) (*process, load.Target, error) {
	dir, err := os.MkdirTemp("", "sfubench-")
	if err != nil {
		return nil, load.Target{}, err
	}
	address, err := freePort()
	if err != nil {
		return nil, load.Target{}, err
	}
	media, err := freePort()
	if err != nil {
		return nil, load.Target{}, err
	}
	env := []string{
		"LYCEUM_DATA=" + dir, "LYCEUM_LISTEN=" + address, "LYCEUM_PUBLIC_URL=http://" + address,
		"LYCEUM_MEDIA_ADDR=" + media, "LYCEUM_RATE_LIMITS=off",
	}
	program := filepath.Join(programs, "lyceum")
	p, err := start(ctx, dir, address, env, program, "serve")
	if err != nil {
		return nil, load.Target{}, err
	}
	id, err := say(ctx, env, program, "event", "add", "--title", "Load", "--kind", "author-talk", "--starts", "now", "--capacity", "1000")
	if err != nil {
		p.stop()
		return nil, load.Target{}, err
	}
	event := strings.TrimSpace(id)
	speaker, err := say(ctx, env, program, "token", "--event", event, "--role", "speaker")
	if err == nil {
		var tokens string
		if tokens, err = say(ctx, env, program, "token", "--event", event, "--role", "attendee", "--count", strconv.Itoa(subscribers)); err == nil {
			return p, load.Target{
				Publish: "http://" + address + "/whip/" + event, PublishToken: strings.TrimSpace(speaker),
				Play: "http://" + address + "/whep/" + event, PlayTokens: strings.Fields(tokens),
			}, nil
		}
	}
	p.stop()
	return nil, load.Target{}, err
}

// say runs one of the product's commands and returns what it prints.
func say(ctx context.Context, env []string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Env = append(os.Environ(), env...)
	out, err := c.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("%s: %s", strings.Join(args[1:], " "), exit.Stderr)
	}
	return string(out), err
}

// freePort finds an address that nobody listens on, for UDP and TCP alike.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// usage is what a process has used.
type usage struct {
	cpu    time.Duration
	memory int64 // resident bytes
}

func (p *process) usage() usage { return usageOf(p.cmd.Process.Pid) }

// usageOf adds up the run time of a process's threads, in nanoseconds. Go does
// not end threads in steady work.
func usageOf(pid int) (u usage) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, t := range tasks {
		b, err := os.ReadFile(t)
		if f := strings.Fields(string(b)); err == nil && len(f) > 0 {
			ns, _ := strconv.ParseInt(f[0], 10, 64)
			u.cpu += time.Duration(ns)
		}
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if f := strings.Fields(string(b)); err == nil && len(f) > 1 {
		pages, _ := strconv.ParseInt(f[1], 10, 64)
		u.memory = pages * int64(os.Getpagesize())
	}
	return u
}
