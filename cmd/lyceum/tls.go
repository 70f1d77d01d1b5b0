package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"
)

// certificateChecked is how long a renewed certificate file may go unseen.
const certificateChecked = 10 * time.Second

// checkTLS refuses what cannot work before anything is opened.
func (c config) checkTLS() error {
	u, err := url.Parse(c.PublicURL)
	switch {
	case c.TLS == "off" || err != nil:
		return nil
	case c.PublicURL != "" && u.Scheme != "https":
		return refuse("LYCEUM_TLS is set but LYCEUM_PUBLIC_URL is http. Write it with https.")
	case c.TLS == "auto":
		if u.Hostname() == "" || net.ParseIP(u.Hostname()) != nil || loopback(u.Host) {
			return refuse("LYCEUM_TLS=auto needs the site's public name: set LYCEUM_PUBLIC_URL=https://live.library.example.")
		}
		return nil
	case strings.Count(c.TLS, ",") != 1:
		return refuse("LYCEUM_TLS is %q. Write off, auto, or two files: /path/to/cert.pem,/path/to/key.pem.", c.TLS)
	}
	return nil
}

// openTLS puts TLS on the site's listener.
func (s *site) openTLS() error {
	switch s.config.TLS {
	case "off":
		return nil
	case "auto":
		return s.openAutoTLS()
	}
	files := &certificateFiles{pair: s.config.TLS, now: s.now}
	if _, err := files.get(nil); err != nil {
		return err
	}
	s.listener = tls.NewListener(s.listener, &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, GetCertificate: files.get})
	return nil
}

// openAutoTLS gets and renews the certificate by ACME (RFC 8555), proving the
// name on the site's own port (RFC 8737): port 443 must lead here.
func (s *site) openAutoTLS() error {
	u, err := url.Parse(s.config.PublicURL)
	if err != nil {
		return err
	}
	var magic *certmagic.Config
	cache := certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return magic, nil },
		Logger:           zap.NewNop(), // what matters comes as an event
	})
	s.onClose(cache.Stop)
	magic = certmagic.New(cache, certmagic.Config{
		Storage: &certmagic.FileStorage{Path: filepath.Join(s.config.Data, "certificates")},
		Logger:  zap.NewNop(),
		OnEvent: func(_ context.Context, event string, data map[string]any) error {
			switch event {
			case "cert_failed":
				s.log.Error("no certificate could be had; it is tried again", "name", data["identifier"], "error", data["error"])
			case "cert_obtained":
				s.log.Info("a certificate was obtained", "name", data["identifier"])
			}
			return nil
		},
	})
	magic.Issuers = []certmagic.Issuer{certmagic.NewACMEIssuer(magic, certmagic.ACMEIssuer{
		CA: certmagic.LetsEncryptProductionCA, Agreed: true, DisableHTTPChallenge: true, Logger: zap.NewNop(),
	})}
	ctx, cancel := context.WithCancel(context.Background())
	s.onClose(cancel)
	if err := magic.ManageAsync(ctx, []string{u.Hostname()}); err != nil {
		return refuse("the certificate for %s cannot be managed: %v", u.Hostname(), err)
	}
	config := magic.TLSConfig()
	config.NextProtos = append([]string{"http/1.1"}, config.NextProtos...)
	s.listener = tls.NewListener(s.listener, config)
	return nil
}

// certificateFiles serves a certificate from files and takes renewed ones up.
// Files that cannot be read leave the certificate in force that was read last.
type certificateFiles struct {
	pair string // "CERT,KEY"
	now  func() time.Time

	mu      sync.Mutex
	current *tls.Certificate
	stamp   string // sizes and times of the files that current came from
	looked  time.Time
}

func (f *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if f.current != nil && now.Sub(f.looked) < certificateChecked {
		return f.current, nil
	}
	f.looked = now
	stamp := fileStamp(f.pair)
	if f.current != nil && stamp == f.stamp {
		return f.current, nil
	}
	read, err := readCertificate(f.pair)
	if err != nil {
		if f.current != nil {
			return f.current, nil
		}
		return nil, err
	}
	f.current, f.stamp = read, stamp
	return read, nil
}

func fileStamp(pair string) string {
	var stamp strings.Builder
	for name := range strings.SplitSeq(pair, ",") {
		if info, err := os.Stat(strings.TrimSpace(name)); err == nil {
			stamp.WriteString(info.ModTime().UTC().String() + " " + info.Mode().String() + ";")
		}
	}
	return stamp.String()
}

// readCertificate reads "CERT,KEY": two PEM files that belong together.
func readCertificate(pair string) (*tls.Certificate, error) {
	certFile, keyFile, _ := strings.Cut(pair, ",")
	certFile, keyFile = strings.TrimSpace(certFile), strings.TrimSpace(keyFile)
	if info, err := os.Stat(keyFile); err == nil && info.Mode().Perm()&0o007 != 0 {
		return nil, refuse("other users may read the key %s of the certificate. Run: chmod 640 %s", keyFile, keyFile)
	}
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, refuse("the certificate %s and its key %s cannot be read, or do not belong together. Check LYCEUM_TLS.", certFile, keyFile)
	}
	if cert.Leaf == nil {
		if cert.Leaf, err = x509.ParseCertificate(cert.Certificate[0]); err != nil {
			return nil, refuse("the certificate %s cannot be read. Check LYCEUM_TLS.", certFile)
		}
	}
	return &cert, nil
}
