package main

import (
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// checkSecrets refuses what would leave a door open: a store on another machine
// without a password, a password that was copied from an example, a shared
// database without a shared secret file, an inner port on a public address.
func (c config) checkSecrets() error {
	for _, b := range []struct{ variable, what, url string }{
		{"LYCEUM_DATABASE_URL", "database", c.DatabaseURL},
		{"LYCEUM_REDIS_URL", "Redis", c.RedisURL},
		{"LYCEUM_NATS_URL", "NATS", c.NATSURL},
	} {
		for _, one := range remoteURLs(b.url) {
			if one.User == nil || (password(one) == "" && one.User.Username() == "") || (password(one) == "" && b.what != "NATS") {
				return refuse("%s reaches %s on another machine without a password. Anybody in that network could read and change it: set a password there and write it into the address.", b.variable, b.what)
			}
			// NATS takes a token in the user's place.
			if word := password(one); placeholder(word) || (word == "" && placeholder(one.User.Username())) {
				return refuse("the password in %s is an example. Choose one of your own, for instance with: openssl rand -hex 24", b.variable)
			}
		}
	}
	if mail, err := url.Parse(c.MailURL); err == nil && !loopback(mail.Host) && mail.User != nil && placeholder(password(mail)) {
		return refuse("the password in LYCEUM_MAIL_URL is an example. Write the one that your mail provider gave you.")
	}
	if c.MetricsListen != "" && !inner(c.MetricsListen) {
		return refuse("LYCEUM_METRICS_LISTEN=%s would show the site's figures to everybody. Write an address of this machine or of an inner network, for example 127.0.0.1:9090.", c.MetricsListen)
	}
	if c.external() && c.SecretFile == filepath.Join(c.Data, "secret.json") {
		return refuse("with a database on another machine every node needs the same secret file. Make it once with lyceum secret make, give it to every node, and name it in LYCEUM_SECRET_FILE.")
	}
	return nil
}

// external tells whether the database is on another machine, where other nodes
// may use it too.
func (c config) external() bool { return len(remoteURLs(c.DatabaseURL)) > 0 }

// remoteURLs are the addresses in list that lead to another machine. Embedded
// stores, files, sockets and loopback addresses do not.
func remoteURLs(list string) []*url.URL {
	var remote []*url.URL
	scheme := ""
	for part := range strings.SplitSeq(list, ",") {
		// In "nats://a,b,c" the scheme stands once.
		if before, _, found := strings.Cut(part, "://"); found {
			scheme = before
		} else if scheme != "" {
			part = scheme + "://" + part
		}
		u, err := url.Parse(part)
		if err != nil || u.Host == "" || loopback(u.Host) {
			continue
		}
		remote = append(remote, u)
	}
	// One credential counts for a whole cluster, as in the NATS client.
	if i := slices.IndexFunc(remote, func(u *url.URL) bool { return u.User != nil }); i >= 0 && strings.HasPrefix(scheme, "nats") {
		for _, u := range remote {
			if u.User == nil {
				u.User = remote[i].User
			}
		}
	}
	return remote
}

func password(u *url.URL) string {
	if u.User == nil {
		return ""
	}
	word, _ := u.User.Password()
	return word
}

// placeholder tells whether a password is one that examples use.
func placeholder(word string) bool {
	folded := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, word)
	if slices.Contains([]string{"password", "passwd", "pass", "secret", "changeme", "changeit", "example", "placeholder", "default", "admin", "root", "postgres", "lyceum", "redis", "nats", "test", "todo"}, folded) {
		return true
	}
	return word != "" && (strings.ContainsAny(word, "<>{}") || strings.Contains(folded, "changeme") || strings.Contains(folded, "replaceme") ||
		strings.Contains(folded, "yourpassword") || strings.Trim(folded, "x") == "" || strings.Trim(folded, "0123456789") == "" && len(folded) < 12)
}

// madeUp tells whether a key is no random key: too few different bytes for 32
// random ones (which have 26 or more but once in ten million).
func madeUp(key []byte) bool {
	seen := map[byte]bool{}
	printable := true
	for _, b := range key {
		seen[b] = true
		printable = printable && b >= 0x20 && b < 0x7f
	}
	return len(seen) < 16 || printable
}

// inner tells whether an address is one that only this machine or an inner
// network reaches.
func inner(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast())
}
