package email_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"lyceum/server/email"
	"lyceum/server/registration"
)

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
	if len(s.taken()) != 1 {
		t.Fatalf("%d mails arrived", len(s.taken()))
	}
	golden(t, "registration", readable(t, []byte(s.taken()[0])))
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
	if err == nil || len(s.taken()) != 0 {
		t.Errorf("sent without encryption: %v", err)
	}
}

// Secrets travel only to a server that proves its name; a mail without secrets of ours is encrypted whenever that is possible.
func TestSMTPEncryption(t *testing.T) {
	for _, c := range []struct {
		rule, url string // PORT stands for the sink's
		implicit  bool
		sent      bool
	}{
		{"a trusted server gets password and mail after STARTTLS", "smtp://user:secret@127.0.0.1:PORT", false, true},
		{"a trusted server gets password and mail over TLS", "smtps://user:secret@127.0.0.1:PORT", true, true},
		{"a server with another name gets no password", "smtp://user:secret@localhost:PORT", false, false},
		{"a server with another name gets nothing over TLS", "smtps://localhost:PORT", true, false},
		{"a relay without password is used with any certificate", "smtp://localhost:PORT", false, true},
	} {
		t.Run(c.rule, func(t *testing.T) {
			s := newSecureSink(t, c.implicit)
			_, port, err := net.SplitHostPort(s.listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			store := newMemory(talk(), patron(registration.Confirmed))
			sender := mustSMTP(t, strings.ReplaceAll(c.url, "PORT", port))
			err = mustNew(t, config(store, sender)).Handle(t.Context(), jobOf(registration.MailRegistration))
			if (err == nil) != c.sent || len(s.taken()) > 1 || (len(s.taken()) == 1) != c.sent || slices.Contains(s.encrypted, false) {
				t.Errorf("%d mails, encrypted %v, error %v", len(s.taken()), s.encrypted, err)
			}
			if detail := store.deliveries[jobID].Detail; !c.sent && !strings.Contains(detail, "certificate cannot be trusted") {
				t.Errorf("detail %q", detail)
			}
		})
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
