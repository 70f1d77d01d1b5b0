package email_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"lyceum/server/email"
	"lyceum/server/registration"
)

func TestFileSenderKeepsOneWholeFileAMail(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "mail")
	sender, err := email.NewFileSender(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := mustNew(t, config(newMemory(talk(), patron(registration.Confirmed)), sender)).Handle(t.Context(), jobOf(registration.MailRegistration)); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("the folder holds %v (%v), want one file", entries, err)
	}
	if want := "20261124T120000Z-" + jobID + ".eml"; entries[0].Name() != want {
		t.Errorf("file %s, want %s", entries[0].Name(), want)
	}
	raw, err := os.ReadFile(filepath.Join(dir, entries[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "registration", readable(t, raw))
	if info, err := entries[0].Info(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600: the file holds a personal link", info.Mode(), err)
	}
}

func TestFileSenderClearsWhatAKilledProcessLeft(t *testing.T) {
	dir := t.TempDir()
	left := filepath.Join(dir, ".unfinished-1")
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := email.NewFileSender(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("half a mail is still there (%v)", err)
	}
}

func TestFileSenderFailsForNowWhenTheFolderIsGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	sender, err := email.NewFileSender(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	store := newMemory(talk(), patron(registration.Confirmed))
	err = mustNew(t, config(store, sender)).Handle(t.Context(), jobOf(registration.MailRegistration))
	var passing *email.Passing
	if !errors.As(err, &passing) || !strings.Contains(store.deliveries[jobID].Detail, "folder") {
		t.Errorf("error %v, detail %q", err, store.deliveries[jobID].Detail)
	}
}

// sink is a small real SMTP server. answers overrides what it says to a command (EHLO, MAIL, RCPT, DATA, or "." for the end
// of the mail); "cut" breaks the connection and "hang" says nothing until the test is over.
type sink struct {
	listener net.Listener
	answers  map[string]string
	over     chan struct{}

	mu    sync.Mutex
	mails []string
}

func newSink(t *testing.T, answers map[string]string) *sink {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{listener: listener, answers: answers, over: make(chan struct{})}
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
	defer conn.Close()
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
			if !say(verb, "250-sink\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME") {
				return
			}
		case "DATA":
			if !say(verb, "354 go on") {
				return
			}
			if _, refused := s.answers[verb]; refused {
				continue
			}
			s.take(lines)
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

func (s *sink) take(lines *bufio.Scanner) {
	var b strings.Builder
	for lines.Scan() && lines.Text() != "." {
		b.WriteString(strings.TrimPrefix(lines.Text(), ".") + "\r\n") // dot-stuffing, RFC 5321 section 4.5.2
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, b.String())
}

func mustSMTP(t *testing.T, url string) email.Sender {
	t.Helper()
	sender, err := email.NewSMTPSender(url)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func TestSMTPSenderHandsOverTheWholeMail(t *testing.T) {
	s := newSink(t, nil)
	store := newMemory(talk(), patron(registration.Confirmed))
	if err := mustNew(t, config(store, mustSMTP(t, s.url()))).Handle(t.Context(), jobOf(registration.MailRegistration)); err != nil {
		t.Fatal(err)
	}
	if len(s.mails) != 1 {
		t.Fatalf("%d mails arrived", len(s.mails))
	}
	golden(t, "registration", readable(t, []byte(s.mails[0])))
}

// Every answer of a mail server is either for good, for now, or leaves open whether the mail has arrived.
func TestSMTPAnswers(t *testing.T) {
	for _, c := range []struct {
		rule          string
		answers       map[string]string
		state, detail string
		permanent     bool
	}{
		{"an unknown address is for good", map[string]string{"RCPT": "550 5.1.1 no such user"}, email.Failed, "for this address (answer 550 5.1.1)", true},
		{"a full mailbox passes", map[string]string{"RCPT": "452 4.2.2 full"}, email.Failed, "try later (answer 452 4.2.2). Lyceum tries again", false},
		{"greylisting passes", map[string]string{"RCPT": "451 4.7.1 later"}, email.Failed, "try later", false},
		{"a refused text is for good", map[string]string{".": "554 5.7.1 no"}, email.Failed, "refused this mail", true},
		{"a busy disk passes", map[string]string{".": "451 4.3.0 busy"}, email.Failed, "try later", false},
		{"a refused sender is for the operator to mend", map[string]string{"MAIL": "550 5.7.1 who are you"}, email.Failed, "LYCEUM_MAIL_FROM", false},
		{"a server that is closing passes", map[string]string{"greeting": "421 4.3.2 closing"}, email.Failed, "answer 421", false},
		{"a server that refuses us is for the operator to mend", map[string]string{"greeting": "554 5.7.1 blocked"}, email.Failed, "answer 554", false},
		{"a cut before the mail passes", map[string]string{"DATA": "cut"}, email.Failed, "before the mail was handed over", false},
		{"a cut after the mail leaves it open", map[string]string{".": "cut"}, email.Unknown, "may have arrived", false},
		{"a broken farewell changes nothing", map[string]string{"RSET": "cut"}, email.Sent, "", false},
	} {
		t.Run(c.rule, func(t *testing.T) {
			store := newMemory(talk(), patron(registration.Confirmed))
			err := mustNew(t, config(store, mustSMTP(t, newSink(t, c.answers).url()))).Handle(t.Context(), jobOf(registration.MailRegistration))
			var permanent *email.Permanent
			d := store.deliveries[jobID]
			if d.State != c.state || !strings.Contains(d.Detail, c.detail) || errors.As(err, &permanent) != c.permanent || (err == nil) != (c.state == email.Sent) {
				t.Errorf("delivery %s (%s), error %v", d.State, d.Detail, err)
			}
			if err != nil && strings.Contains(err.Error(), "@") {
				t.Errorf("the error shows an address: %v", err)
			}
		})
	}
}

func TestSMTPSenderLetsGoWhenTheContextEnds(t *testing.T) {
	s := newSink(t, map[string]string{"RCPT": "hang"})
	store := newMemory(talk(), patron(registration.Confirmed))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := mustNew(t, config(store, mustSMTP(t, s.url()))).Handle(ctx, jobOf(registration.MailRegistration)); err == nil {
		t.Error("a mail server that says nothing took the mail")
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("waited %v for a server that says nothing", took)
	}
	if d := store.deliveries[jobID]; d.State != email.Failed {
		t.Errorf("delivery is %s (%s)", d.State, d.Detail)
	}
}

func TestSMTPSenderNeverTellsAPasswordInTheClear(t *testing.T) {
	s := newSink(t, map[string]string{"EHLO": "250-sink\r\n250 AUTH PLAIN LOGIN"})
	sender := mustSMTP(t, "smtp://user:secret@"+s.listener.Addr().String())
	err := mustNew(t, config(newMemory(talk(), patron(registration.Confirmed)), sender)).Handle(t.Context(), jobOf(registration.MailRegistration))
	if err == nil || len(s.mails) != 0 {
		t.Errorf("sent without encryption: %v", err)
	}
}

func TestNewSMTPSenderRefusesAddressesThatCannotWork(t *testing.T) {
	for _, url := range []string{"", "file:", "http://host", "smtp://", "smtp://host:0", "smtp://host:99999", "smtp://host/path", "smtp://host?tls=no", "smtp://user:se%ZZcret@host"} {
		_, err := email.NewSMTPSender(url)
		if err == nil {
			t.Errorf("accepted %q", url)
		} else if strings.Contains(err.Error(), "cret") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
	for _, url := range []string{"smtp://host", "smtps://host", "smtp://user:p%40ss@host:2525", "smtp://[::1]:25/"} {
		if _, err := email.NewSMTPSender(url); err != nil {
			t.Errorf("refused %q: %v", url, err)
		}
	}
}
