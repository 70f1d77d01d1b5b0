package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// house is the site's process and its Redis.
type house struct {
	binary, dir   string
	redisPort     string
	listen, media string
	redis, site   *exec.Cmd
	event         string
}

func openHouse(ctx context.Context, binary, dir string) (*house, error) {
	absolute, err := filepath.Abs(binary)
	if err != nil {
		return nil, err
	}
	h := &house{binary: absolute, dir: dir, listen: freeAddress(), media: freeAddress()}
	_, h.redisPort, _ = net.SplitHostPort(freeAddress())
	if err := h.startRedis(ctx); err != nil {
		return nil, err
	}
	if err := h.startSite(ctx); err != nil {
		h.close()
		return nil, err
	}
	h.event, err = h.liveEvent(ctx)
	return h, err
}

// freeAddress is a loopback address that was free a moment ago.
func freeAddress() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "127.0.0.1:0"
	}
	defer l.Close()
	return l.Addr().String()
}

func (h *house) startRedis(ctx context.Context) error {
	h.redis = exec.Command("redis-server", "--port", h.redisPort, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", h.dir)
	if err := h.redis.Start(); err != nil {
		return fmt.Errorf("chaos: start redis-server: %w", err)
	}
	return until(ctx, "redis answers", func() bool {
		c, err := net.DialTimeout("tcp", "127.0.0.1:"+h.redisPort, time.Second)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
}

func (h *house) env() []string {
	return append(os.Environ(), "LYCEUM_DATA="+filepath.Join(h.dir, "data"), "LYCEUM_LISTEN="+h.listen, "LYCEUM_MEDIA_ADDR="+h.media,
		"LYCEUM_REDIS_URL=redis://127.0.0.1:"+h.redisPort, "LYCEUM_RATE_LIMITS=off")
}

// startSite starts the demo and returns when it is open.
func (h *house) startSite(ctx context.Context) error {
	h.site = exec.Command(h.binary, "demo")
	h.site.Env = h.env()
	said, err := h.site.StderrPipe()
	if err != nil {
		return err
	}
	if err := h.site.Start(); err != nil {
		return fmt.Errorf("chaos: start the site: %w", err)
	}
	open := make(chan bool, 1) // one answer, taken once
	go func() {
		lines := bufio.NewScanner(said)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "Ctrl-C ends it") {
				open <- true
			}
		}
		close(open)
	}()
	select {
	case ok := <-open:
		if !ok {
			return fmt.Errorf("chaos: the site did not open")
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *house) liveEvent(ctx context.Context) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.listen+"/api/events", nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var list struct {
		Items []struct {
			ID   string `json:"id"`
			Live bool   `json:"live"`
		} `json:"items"`
	}
	if err := json.NewDecoder(res.Body).Decode(&list); err != nil {
		return "", err
	}
	for _, e := range list.Items {
		if e.Live {
			return e.ID, nil
		}
	}
	return "", fmt.Errorf("chaos: no event is live")
}

var tokenLine = regexp.MustCompile(`(?m)^[\w-]+\.[\w-]+\.[\w-]+$`)

// tokens asks the operator's tool for room tokens.
func (h *house) tokens(ctx context.Context, role string, count int) ([]string, error) {
	c := exec.CommandContext(ctx, h.binary, "token", "--event", h.event, "--role", role, "--name", role, "--ttl", "1h", "--count", fmt.Sprint(count))
	c.Env = h.env()
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("chaos: lyceum token: %w", err)
	}
	return tokenLine.FindAllString(string(out), -1), nil
}

func (h *house) close() {
	for _, c := range []*exec.Cmd{h.site, h.redis} {
		if c != nil && c.Process != nil {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
	}
}

// until asks again and again until it is so or ctx ends.
func until(ctx context.Context, what string, so func() bool) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("chaos: wait until %s: %w", what, ctx.Err())
		}
	}
	return nil
}
