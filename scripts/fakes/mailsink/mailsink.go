// Package mailsink is a mail server as bad as real ones can be: a real SMTP conversation over loopback in which the
// recipient's address says how it misbehaves.
//
// An address that begins with "later" is put off once (451), "never" is refused for good (550), "silent" has its first
// mail taken and then the connection dropped without a word, "slow" has its first mail kept waiting before it is taken.
// Everybody else gets mail as one should. What was taken is kept by recipient with its Message-ID, so that a test can
// count what is missing and what came twice. It is for tests and chaos runs, never part of the product.
package mailsink

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// Sink is a running server. Close ends it.
type Sink struct {
	listener net.Listener
	tarpit   time.Duration
	serving  sync.WaitGroup
	over     chan struct{}

	mu    sync.Mutex
	taken map[string][]string // recipient -> Message-IDs, in order
	tries map[string]int      // recipient -> how often it misbehaved
	open  map[net.Conn]struct{}
}

// Open starts a sink on a free loopback port; a "slow" recipient waits for tarpit.
func Open(tarpit time.Duration) (*Sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("mailsink: listen: %w", err)
	}
	s := &Sink{listener: listener, tarpit: tarpit, over: make(chan struct{}),
		taken: map[string][]string{}, tries: map[string]int{}, open: map[net.Conn]struct{}{}}
	s.serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.open[conn] = struct{}{}
			s.mu.Unlock()
			s.serving.Go(func() { s.serve(conn) })
		}
	})
	return s, nil
}

// URL is what LYCEUM_MAIL_URL must be.
func (s *Sink) URL() string { return "smtp://" + s.listener.Addr().String() }

// Close ends every conversation and waits for them.
func (s *Sink) Close() {
	close(s.over)
	_ = s.listener.Close()
	s.mu.Lock()
	for conn := range s.open {
		_ = conn.Close()
	}
	s.mu.Unlock()
	s.serving.Wait()
}

// Taken is a copy of what arrived: recipient to the Message-IDs of their mails, in order.
func (s *Sink) Taken() map[string][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string][]string, len(s.taken))
	for to, ids := range s.taken {
		out[to] = append([]string(nil), ids...)
	}
	return out
}

// once tells whether this is the first time that a recipient of that class is served.
func (s *Sink) once(class, to string) bool {
	if !strings.HasPrefix(to, class) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries[to]++
	return s.tries[to] == 1
}

func (s *Sink) serve(conn net.Conn) {
	defer func() {
		_ = conn.Close()
		s.mu.Lock()
		delete(s.open, conn)
		s.mu.Unlock()
	}()
	say := func(line string) { _, _ = fmt.Fprintf(conn, "%s\r\n", line) }
	lines := bufio.NewScanner(conn)
	to := ""
	say("220 sink ESMTP")
	for lines.Scan() {
		verb, _, _ := strings.Cut(strings.ToUpper(lines.Text()), " ")
		switch verb {
		case "EHLO":
			say("250-sink\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME")
		case "RCPT":
			to = address(lines.Text())
			switch {
			case s.once("later", to):
				say("451 4.7.1 try again later")
			case strings.HasPrefix(to, "never"):
				say("550 5.1.1 no such user")
			default:
				say("250 2.1.5 fine")
			}
		case "DATA":
			say("354 go on")
			if !s.take(lines, to) {
				return
			}
			say("250 2.0.0 taken")
		case "QUIT":
			say("221 2.0.0 bye")
			return
		default:
			say("250 2.0.0 fine")
		}
	}
}

// take reads one mail; false means that the connection is dropped without an answer.
func (s *Sink) take(lines *bufio.Scanner, to string) (answer bool) {
	id, whole := "", false
	for !whole && lines.Scan() {
		whole = lines.Text() == "."
		if value, is := strings.CutPrefix(lines.Text(), "Message-ID: "); is && id == "" {
			id = value
		}
	}
	if !whole {
		return false // cut off in the middle: no server keeps half a mail (RFC 5321 section 4.1.1.4)
	}
	if s.once("slow", to) {
		select {
		case <-time.After(s.tarpit):
		case <-s.over:
			return false
		}
	}
	silent := s.once("silent", to)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken[to] = append(s.taken[to], id)
	return !silent
}

// address is what stands between the angle brackets of RCPT TO.
func address(line string) string {
	_, rest, _ := strings.Cut(line, "<")
	to, _, _ := strings.Cut(rest, ">")
	return to
}
