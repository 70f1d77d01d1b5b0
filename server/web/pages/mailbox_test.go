package pages_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lyceum/server/web/pages"
)

const multipartMail = `From: =?utf-8?q?Bibliothek_M=C3=B6we?= <events@library.example>
To: maya@example.org
Subject: =?utf-8?q?Your_seat=3A_=E2=80=9CLamp=E2=80=9D?=
Date: Tue, 24 Nov 2026 17:19:58 +0000
Content-Type: multipart/mixed; boundary=A

--A
Content-Type: multipart/alternative; boundary=B

--B
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Hello! Join: https://events.library.example/join#abc=
def. Bad: https://evil.example/ and https://events.library.example.evil.example/x
--B
Content-Type: text/html

<script>alert(1)</script>
--B--
--A
Content-Type: text/calendar; name="event.ics"
Content-Disposition: attachment; filename="event.ics"

BEGIN:VCALENDAR
--A--
`

func put(t *testing.T, s *site, name, mail string, at time.Time) {
	t.Helper()
	file := filepath.Join(s.mailDir, name)
	if err := os.WriteFile(file, []byte(mail), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, at, at); err != nil {
		t.Fatal(err)
	}
}

func TestMailboxShowsTheTextAndLinksOnlyHome(t *testing.T) {
	s := open(t)
	put(t, s, "1.eml", multipartMail, today)
	page := s.get(t, "/demo/mailbox").must(t, http.StatusOK)
	page.has(t, `<a href="https://events.library.example/join#abcdef">https://events.library.example/join#abcdef</a>. Bad`,
		"Your seat: “Lamp”", "Bibliothek Möwe", "Attached: event.ics", "https://evil.example/ and")
	page.lacks(t, `href="https://evil`, `href="https://events.library.example.evil`, "alert(1)")
}

func TestMailboxShowsTheNewestFirst(t *testing.T) {
	s := open(t)
	for i, subject := range []string{"first", "second", "third"} {
		put(t, s, subject+".eml", "Subject: the "+subject+" mail\n\nText", today.Add(time.Duration(i)*time.Minute))
	}
	put(t, s, "third.eml.part", "Subject: half a mail\n\nText", today)
	page := s.get(t, "/demo/mailbox").must(t, http.StatusOK)
	third, second, first := strings.Index(page.body, "the third"), strings.Index(page.body, "the second"), strings.Index(page.body, "the first")
	if third < 0 || third > second || second > first {
		t.Errorf("order is wrong:\n%s", page.body)
	}
	page.lacks(t, "half a mail")
}

func TestMailboxSurvivesWhatIsNotAMail(t *testing.T) {
	s := open(t)
	put(t, s, "junk.eml", "\x00\xff no header", today)
	put(t, s, "huge.eml", "Subject: huge\n\n"+strings.Repeat("x", 1<<20), today)
	put(t, s, "deep.eml", "Content-Type: multipart/mixed; boundary=a\n\n--a\n"+strings.Repeat("Content-Type: multipart/mixed; boundary=a\n\n--a\n", 100), today)
	put(t, s, "evil.eml", "From: "+evil+"\nTo: "+evil+"\nSubject: "+evil+"\n\n"+evil+" \u202e", today)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("Subject: a secret\n\nText"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(s.mailDir, "link.eml")); err != nil {
		t.Fatal(err)
	}
	page := s.get(t, "/demo/mailbox").must(t, http.StatusOK)
	page.has(t, "A mail that cannot be read", "&lt;script&gt;")
	page.lacks(t, "a secret", "<script>alert", "\u202e")
}

func TestMailboxIsOnlyInTheDemo(t *testing.T) {
	s := open(t, func(c *pages.Config, _ *memory) { c.Demo = false })
	s.get(t, "/demo/mailbox").must(t, http.StatusNotFound)
	for _, path := range []string{"/", "/events/lamp", "/events/lamp/registered"} {
		s.get(t, path).lacks(t, "mailbox", "goodbooks")
	}
}

func TestMailboxWithoutAnyMail(t *testing.T) {
	open(t, func(c *pages.Config, _ *memory) { c.MailDir = filepath.Join(t.TempDir(), "not-yet") }).
		get(t, "/demo/mailbox").must(t, http.StatusOK).has(t, "No mail yet")
}

func FuzzMail(f *testing.F) {
	for _, seed := range []string{multipartMail, "Subject: x\n\ny", "Content-Type: multipart/mixed\n\n--", "Content-Transfer-Encoding: base64\n\n!!!!", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, mail string) {
		text, links, err := pages.MailText(strings.NewReader(mail), "https://events.library.example")
		if err != nil {
			return
		}
		for _, link := range links {
			if link != "https://events.library.example" && !strings.HasPrefix(link, "https://events.library.example/") {
				t.Fatalf("a mail links to %s", link)
			}
		}
		if strings.ContainsAny(text, "\x00\x1b\u202e") {
			t.Fatalf("a mail shows control characters: %q", text)
		}
	})
}
