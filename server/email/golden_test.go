package email_test

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lyceum/server/email"
	"lyceum/server/event"
	"lyceum/server/outreach"
	"lyceum/server/registration"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every kind of mail, in every form that it can take, as a reader gets it.
func TestMailsReadAsReviewed(t *testing.T) {
	waiting := patron(registration.Waitlisted)
	waiting.Position = 2
	cancelled := talk()
	cancelled.Status = event.Cancelled
	inPerson := talk()
	inPerson.Format, inPerson.Speaker = event.InPerson, ""
	online := talk()
	online.Format, online.TimeZone, online.EndsAt = event.Online, "Asia/Kolkata", online.StartsAt.Add(90*time.Minute)
	for _, c := range []struct {
		name, kind string
		event      event.Event
		reg        registration.Registration
	}{
		{"registration", registration.MailRegistration, talk(), patron(registration.Confirmed)},
		{"registration-in-person", registration.MailRegistration, inPerson, patron(registration.Confirmed)},
		{"registration-online-past-midnight", registration.MailRegistration, online, patron(registration.Confirmed)},
		{"waitlisted", registration.MailWaitlisted, talk(), waiting},
		{"promoted", registration.MailPromoted, talk(), patron(registration.Confirmed)},
		{"again", registration.MailAgain, talk(), patron(registration.Confirmed)},
		{"again-waitlisted", registration.MailAgain, talk(), waiting},
		{"cancelled-by-patron", registration.MailCancelled, talk(), patron(registration.Cancelled)},
		{"event-cancelled", outreach.MailEventCancelled, cancelled, patron(registration.Confirmed)},
		{"event-cancelled-waitlisted", outreach.MailEventCancelled, cancelled, waiting},
		{"event-changed", outreach.MailEventChanged, talk(), patron(registration.Confirmed)},
		{"event-changed-waitlisted", outreach.MailEventChanged, talk(), waiting},
		{"reminder-week", outreach.MailReminderWeek, talk(), patron(registration.Confirmed)},
		{"reminder-day", outreach.MailReminderDay, talk(), patron(registration.Confirmed)},
		{"reminder-hour", outreach.MailReminderHour, online, patron(registration.Confirmed)},
		{"reminder-day-in-person", outreach.MailReminderDay, inPerson, patron(registration.Confirmed)},
		{"refused", registration.MailRefused, talk(), patron(registration.Refused)},
		{"sign-in", email.SignIn, talk(), patron(registration.Confirmed)},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := &outgoing{}
			cfg := config(newMemory(c.event, c.reg), out)
			if m, reminds := outreach.MomentOf(c.kind); reminds {
				cfg.Now = func() time.Time { return outreach.Due(c.event, m) }
			}
			if err := mustNew(t, cfg).Handle(t.Context(), jobOf(c.kind)); err != nil {
				t.Fatal(err)
			}
			golden(t, c.name, readable(t, out.mails[0]))
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; read it, then run with -update\n%s", path, diff)
	}
}

// readable takes a mail apart as a mail program does. Only the random boundary is made equal.
func readable(t testing.TB, raw []byte) string {
	t.Helper()
	msg, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("no mail program can read this: %v\n%s", err, raw)
	}
	var out strings.Builder
	write(t, &out, textproto.MIMEHeader(msg.Header), msg.Body)
	return strings.ReplaceAll(out.String(), "\r\n", "\n")
}

func write(t testing.TB, out *strings.Builder, header textproto.MIMEHeader, body io.Reader) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	boundary := params["boundary"]
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range header[name] {
			if boundary != "" {
				value = strings.ReplaceAll(value, boundary, "BOUNDARY")
			}
			fmt.Fprintf(out, "%s: %s\n", name, value)
		}
	}
	if !strings.HasPrefix(kind, "multipart/") {
		fmt.Fprintf(out, "\n%s\n", decode(t, header.Get("Content-Transfer-Encoding"), body))
		return
	}
	for parts := multipart.NewReader(body, boundary); ; {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			fmt.Fprintf(out, "======== end of %s\n", kind)
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(out, "======== in %s\n", kind)
		write(t, out, part.Header, part)
	}
}

func decode(t testing.TB, encoding string, body io.Reader) []byte {
	t.Helper()
	switch encoding {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
