package email_test

import (
	"bufio"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// testCertificate is valid for 127.0.0.1 and not for localhost.
func testCertificate() tls.Certificate {
	srv := httptest.NewTLSServer(nil)
	defer srv.Close()
	return srv.TLS.Certificates[0]
}

// TestMain makes the certificate one that this process trusts, before anything reads the system's list.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "trust")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		file := filepath.Join(dir, "roots.pem")
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: testCertificate().Certificate[0]}), 0o600); err != nil {
			panic(err)
		}
		os.Setenv("SSL_CERT_FILE", file)
		return m.Run()
	}())
}

// sink is a small real SMTP server. answers overrides what it says to a command (EHLO, MAIL, RCPT, DATA, or "." for the end
// of the mail); "cut" breaks the connection and "hang" says nothing until the test is over. With secure it offers
// STARTTLS, or speaks TLS from the first byte.
type sink struct {
	listener net.Listener
	answers  map[string]string
	secure   *tls.Config
	over     chan struct{}

	mu        sync.Mutex
	mails     []string
	encrypted []bool // how each mail came
}

func newSink(t *testing.T, answers map[string]string) *sink {
	t.Helper()
	return startSink(t, &sink{answers: answers}, false)
}

// newSecureSink has the certificate that TestMain made this process trust.
func newSecureSink(t *testing.T, implicit bool) *sink {
	t.Helper()
	secure := &tls.Config{Certificates: []tls.Certificate{testCertificate()}}
	return startSink(t, &sink{secure: secure}, implicit)
}

func startSink(t *testing.T, s *sink, implicit bool) *sink {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if implicit {
		listener = tls.NewListener(listener, s.secure)
	}
	s.listener, s.over = listener, make(chan struct{})
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		close(s.over)
		listener.Close()
		serving.Wait()
	})
	return s
}

func (s *sink) url() string { return "smtp://" + s.listener.Addr().String() }

func (s *sink) serve(conn net.Conn) {
	defer func() { conn.Close() }() // STARTTLS replaces conn
	lines := bufio.NewScanner(conn)
	say := func(step, usual string) bool {
		answer, has := s.answers[step]
		if !has {
			answer = usual
		}
		if answer == "hang" {
			<-s.over
		}
		if answer == "hang" || answer == "cut" {
			return false
		}
		_, err := fmt.Fprintf(conn, "%s\r\n", answer)
		return err == nil
	}
	if !say("greeting", "220 sink ESMTP") {
		return
	}
	for lines.Scan() {
		verb, _, _ := strings.Cut(strings.ToUpper(lines.Text()), " ")
		switch verb {
		case "EHLO":
			if !say(verb, s.greet(conn)) {
				return
			}
		case "STARTTLS":
			say(verb, "220 go on")
			conn = tls.Server(conn, s.secure)
			lines = bufio.NewScanner(conn)
		case "AUTH":
			say(verb, "235 2.7.0 it is you")
		case "DATA":
			if !say(verb, "354 go on") {
				return
			}
			if _, refused := s.answers[verb]; refused {
				continue
			}
			s.take(conn, lines)
			if !say(".", "250 2.0.0 taken") {
				return
			}
		case "QUIT":
			say(verb, "221 bye")
			return
		default:
			if !say(verb, "250 2.1.0 fine") {
				return
			}
		}
	}
}

func (s *sink) greet(conn net.Conn) string {
	_, secure := conn.(*tls.Conn)
	switch {
	case secure:
		return "250-sink\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN"
	case s.secure != nil:
		return "250-sink\r\n250 STARTTLS"
	}
	return "250-sink\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME"
}

func (s *sink) take(conn net.Conn, lines *bufio.Scanner) {
	var b strings.Builder
	for lines.Scan() && lines.Text() != "." {
		b.WriteString(strings.TrimPrefix(lines.Text(), ".") + "\r\n") // dot-stuffing, RFC 5321 section 4.5.2
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, secure := conn.(*tls.Conn)
	s.mails = append(s.mails, b.String())
	s.encrypted = append(s.encrypted, secure)
}

func (s *sink) taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}
