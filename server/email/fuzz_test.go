package email_test

import (
	"bytes"
	"context"
	"errors"
	"mime"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"lyceum/server/email"
	"lyceum/server/registration"
)

// Whatever stands in a name or a title, a mail has exactly our headers, one recipient, one calendar entry, and text that
// shows what it says (ASVS 5.0 V1.3.11).
func FuzzMail(f *testing.F) {
	f.Add("Reader One", "The Lighthouse Ledger", "Paper Lantern", "Harbour Branch")
	f.Add("A\r\nBcc: other@example.org", "T\r\n\r\nbody", "S\nBEGIN:VEVENT", "B\rX")
	f.Add("\x00\x01\x7f", "nul\x00nul", "\u202eevil", "\u2066b\u2069")
	f.Add(`", <x@example.org>`, "=?utf-8?q?=0D=0ABcc:x@y.z?=", `a;b,c\n:d"`, "\u2028\u2029\u0085")
	f.Add("<script>alert(1)</script>", "{{.My}}", "\xff\xfe", strings.Repeat("long ", 4000))
	f.Add("नीला पाठक", "\u200bzero\ufeffwidth", "می\u200cخواهم", "")
	f.Fuzz(func(t *testing.T, name, title, speaker, branch string) {
		e, r := talk(), patron(registration.Confirmed)
		e.Title, e.Speaker, e.Branch, r.Name = title, speaker, branch, name
		out := &outgoing{}
		cfg := config(newMemory(e, r), out)
		cfg.Settings = called(branch)
		if err := mustNew(t, cfg).Handle(context.Background(), jobOf(registration.MailRegistration)); err != nil {
			t.Fatal(err)
		}
		msg, err := netmail.ReadMessage(bytes.NewReader(out.mails[0]))
		if err != nil {
			t.Fatal(err)
		}
		checkHeaders(t, msg.Header)
		parts := readable(t, out.mails[0])
		_, html, _ := strings.Cut(parts, "Content-Type: text/html")
		html, _, _ = strings.Cut(html, "\n======== ")
		if strings.Contains(html, "<script") {
			t.Error("the HTML takes a script from a name")
		}
		if got := strings.Count(parts, "\nBEGIN:VEVENT\n"); got != 2 { // alternative and attachment
			t.Errorf("%d calendar entries, want 2", got)
		}
		checkCalendar(t, parts)
	})
}

func checkHeaders(t *testing.T, header netmail.Header) {
	t.Helper()
	names := make([]string, 0, len(header))
	for name, values := range header {
		if len(values) != 1 {
			t.Errorf("%d headers %s", len(values), name)
		}
		names = append(names, name)
		if plain := shown(t, values[0]); deceives(plain) {
			t.Errorf("header %s hides something: %q", name, plain)
		}
	}
	slices.Sort(names)
	want := []string{"Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To"}
	if !slices.Equal(names, want) {
		t.Errorf("headers %v, want %v", names, want)
	}
	to, err := header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != "reader.one@example.org" {
		t.Errorf("recipients %v (%v)", to, err)
	}
}

// shown is a header's value as a mail program shows it.
func shown(t *testing.T, value string) string {
	t.Helper()
	plain, err := (&mime.WordDecoder{}).DecodeHeader(value)
	if err != nil {
		t.Fatalf("header %q cannot be decoded: %v", value, err)
	}
	return plain
}

func deceives(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		joiner := r == '\u200c' || r == '\u200d'
		return r == utf8.RuneError || r == '\u2028' || r == '\u2029' || (!joiner && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co))
	})
}

func checkCalendar(t *testing.T, parts string) {
	t.Helper()
	_, rest, _ := strings.Cut(parts, "BEGIN:VCALENDAR")
	body, _, _ := strings.Cut(rest, "END:VCALENDAR")
	cal, err := ics.ParseCalendar(strings.NewReader("BEGIN:VCALENDAR" + body + "END:VCALENDAR\n"))
	if err != nil || len(cal.Events()) != 1 {
		t.Fatalf("no calendar reads this: %v\n%s", err, body)
	}
	for _, p := range cal.Events()[0].Properties {
		if deceives(strings.ReplaceAll(p.Value, "\n", "")) {
			t.Errorf("%s hides something: %q", p.IANAToken, p.Value)
		}
	}
	if got := cal.Events()[0].GetProperty(ics.ComponentPropertyUniqueId).Value; got != eventID+"@library.example" {
		t.Errorf("UID %q", got)
	}
}

// What the relay published is read here, so this border takes any bytes.
func FuzzParseJob(f *testing.F) {
	f.Add([]byte(`{"id":"019aa0b1","kind":"mail.registration","registration":"r","event":"e"}`))
	f.Add([]byte(`{"id":"../../x","kind":"mail.sign-in"}`))
	f.Add([]byte(`{"id":"a\r\nb","kind":"mail.again"}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		job, err := email.ParseJob(data)
		var permanent *email.Permanent
		switch {
		case err != nil && !errors.As(err, &permanent):
			t.Errorf("%v comes again for ever", err)
		case err == nil && (job.ID == "" || strings.ContainsAny(job.ID, "./\\\r\n@<> ") || !slices.Contains(email.Kinds(), job.Kind)):
			t.Errorf("accepted %+v", job)
		}
	})
}
