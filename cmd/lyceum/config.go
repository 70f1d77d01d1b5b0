package main

import (
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// config is every LYCEUM_* variable. Each has a default that is safe on one
// machine; a name that is not here stops the start.
type config struct {
	Listen         string   `env:"LYCEUM_LISTEN" envDefault:"127.0.0.1:8080"`
	PublicURL      string   `env:"LYCEUM_PUBLIC_URL"` // default: http://LISTEN
	Data           string   `env:"LYCEUM_DATA" envDefault:"data"`
	DatabaseURL    string   `env:"LYCEUM_DATABASE_URL" envDefault:"sqlite:"`
	RedisURL       string   `env:"LYCEUM_REDIS_URL" envDefault:"embedded"`
	NATSURL        string   `env:"LYCEUM_NATS_URL" envDefault:"embedded"`
	MailURL        string   `env:"LYCEUM_MAIL_URL" envDefault:"file:"`
	MailFrom       string   `env:"LYCEUM_MAIL_FROM" envDefault:"library@lyceum.invalid"`
	MediaAddr      string   `env:"LYCEUM_MEDIA_ADDR" envDefault:"127.0.0.1:8082"`
	MediaAnnounce  []string `env:"LYCEUM_MEDIA_ANNOUNCE"`
	TLS            string   `env:"LYCEUM_TLS" envDefault:"off"`
	SecretFile     string   `env:"LYCEUM_SECRET_FILE"`    // default: DATA/secret.json
	MetricsListen  string   `env:"LYCEUM_METRICS_LISTEN"` // off unless set
	TrustedProxies []string `env:"LYCEUM_TRUSTED_PROXIES"`
	OutboundAllow  []string `env:"LYCEUM_OUTBOUND_ALLOW"`
	RateLimits     string   `env:"LYCEUM_RATE_LIMITS" envDefault:"on"`
}

// readConfig parses the environment ("NAME=value" lines).
func readConfig(environ []string) (config, error) {
	vars := env.ToMap(environ)
	known := variableNames()
	for name := range vars {
		if strings.HasPrefix(name, "LYCEUM_") && !slices.Contains(known, name) {
			return config{}, refuse("%s is not a variable of Lyceum. Did you mean %s?", name, nearest(name, known))
		}
	}
	var c config
	if err := env.ParseWithOptions(&c, env.Options{Environment: vars}); err != nil {
		return config{}, refuse("the LYCEUM_* variables cannot be read: %v", err)
	}
	if c.SecretFile == "" {
		c.SecretFile = filepath.Join(c.Data, "secret.json")
	}
	return c, c.check()
}

func (c config) check() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return refuse("LYCEUM_LISTEN=%s is not an address. Write host:port, for example 127.0.0.1:8080.", c.Listen)
	}
	if _, _, err := net.SplitHostPort(c.MediaAddr); err != nil {
		return refuse("LYCEUM_MEDIA_ADDR=%s is not an address. Write host:port, for example 127.0.0.1:8082.", c.MediaAddr)
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.Trim(u.Path, "/") != "" {
			return refuse("LYCEUM_PUBLIC_URL=%s is not a site's address. Write it like https://live.library.example.", c.PublicURL)
		}
		if u.Scheme == "http" && !loopback(u.Host) {
			return refuse("LYCEUM_PUBLIC_URL is http. Browsers give no camera to a page without TLS: use an https address, behind a proxy that does TLS or with LYCEUM_TLS.")
		}
	}
	if scheme, _, _ := strings.Cut(c.DatabaseURL, ":"); !slices.Contains([]string{"sqlite", "postgres", "postgresql"}, scheme) {
		return refuse("LYCEUM_DATABASE_URL must begin with sqlite: or postgres://.")
	}
	if err := errors.Join(c.checkSecrets(), c.checkTLS()); err != nil {
		return err
	}
	switch c.RateLimits {
	case "on":
	case "off":
		if !loopback(c.Listen) || (c.PublicURL != "" && !loopback(hostOf(c.PublicURL))) {
			return refuse("LYCEUM_RATE_LIMITS=off is for tests on this machine: LYCEUM_LISTEN and LYCEUM_PUBLIC_URL must both be loopback addresses.")
		}
	default:
		return refuse("LYCEUM_RATE_LIMITS is %q. Write on or off.", c.RateLimits)
	}
	return nil
}

// publicURL is the site's address once the port is known.
func (c config) publicURL(listening net.Addr) string {
	if c.PublicURL != "" {
		return strings.TrimRight(c.PublicURL, "/")
	}
	if c.TLS != "off" {
		return "https://" + listening.String()
	}
	return "http://" + listening.String()
}

// makeData creates the data folder and proves that it can be written to.
func (c config) makeData() error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return refuse("the folder %s cannot be made. Choose one that you may write to: LYCEUM_DATA=/path/to/folder.", c.Data)
	}
	probe, err := os.CreateTemp(c.Data, ".write-check-*")
	if err != nil {
		return refuse("the folder %s cannot be written to. Change its owner, or choose another: LYCEUM_DATA=/path/to/folder.", c.Data)
	}
	_ = probe.Close()
	return os.Remove(probe.Name())
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// loopback tells whether host, with or without a port, is this machine only.
func loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

func variableNames() []string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[config]()) {
		names = append(names, f.Tag.Get("env"))
	}
	return names
}

// nearest answers the candidate with the smallest edit distance to word.
func nearest(word string, candidates []string) string {
	return slices.MinFunc(candidates, func(a, b string) int { return distance(word, a) - distance(word, b) })
}

// distance is Levenshtein's: how many letters must change, come or go.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
