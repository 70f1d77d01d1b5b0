package registration_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"lyceum/server/event"
	"lyceum/server/registration"
)

// The name goes into mails that strangers cause: it is short, honest text and
// never a link. The address is one that a mail server takes.
func TestParse(t *testing.T) {
	ok := "reader@example.org"
	rows := []struct {
		name        string
		typed, mail string
		want        registration.Applicant
		problems    event.Problems
	}{
		{"plain", "Avid Reader", ok, registration.Applicant{Name: "Avid Reader", Email: ok}, nil},
		{"spaces are tidied and the domain is lower case", "  Avid \t Reader ", " A.Reader+x@EXAMPLE.org ", registration.Applicant{Name: "Avid Reader", Email: "A.Reader+x@example.org"}, nil},
		{"initials are no link", "J.R. O’Doe-Żółć", ok, registration.Applicant{Name: "J.R. O’Doe-Żółć", Email: ok}, nil},
		{"joiners in names pass", "अर्जुन क्\u200dष", ok, registration.Applicant{Name: "अर्जुन क्\u200dष", Email: ok}, nil},
		{"nothing typed", "", "", registration.Applicant{}, faults("name required", "email required")},
		{"a name without a letter", "---", ok, registration.Applicant{}, faults("name required")},
		{"a long name", strings.Repeat("a", 61), ok, registration.Applicant{}, faults("name too-long")},
		{"a name with a line break is one line", "a\r\nBcc: x", ok, registration.Applicant{Name: "a Bcc: x", Email: ok}, nil},
		{"a name with a control character", "a\x07b", ok, registration.Applicant{}, faults("name bad-text")},
		{"a name that turns text around", "a\u202eb", ok, registration.Applicant{}, faults("name bad-text")},
		{"a zero-width space", "a\u200bb", ok, registration.Applicant{}, faults("name bad-text")},
		{"a URL as name", "https://evil.example", ok, registration.Applicant{}, faults("name link")},
		{"a bare domain as name", "win at evil.example now", ok, registration.Applicant{}, faults("name link")},
		{"a domain with an ideographic dot", "evil。example", ok, registration.Applicant{}, faults("name link")},
		{"an address as name", "me@evil", ok, registration.Applicant{}, faults("name link")},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := registration.Parse(row.typed, row.mail)
			var problems event.Problems
			if err != nil && !errors.As(err, &problems) {
				t.Fatalf("error %T", err)
			}
			if diff := cmp.Diff(row.want, got) + cmp.Diff(row.problems, problems); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseAddresses(t *testing.T) {
	good := []string{"a@b.co", "a.b+c@d-e.example", "o'neil@example.org", "1@2.x3", strings.Repeat("a", 64) + "@example.org"}
	bad := []string{
		"a", "@b.co", "a@", "a@b", "a@b..co", "a@.co", "a@-b.co", "a@b-.co", "a..b@c.co", ".a@b.co", "a.@b.co", "a b@c.co",
		`"a"@b.co`, "a@b.co,x@y.co", "<a@b.co>", "a@[127.0.0.1]", "a@127.0.0.1", "ä@b.co", "a@bä.co", "a@b@c.co", "a\n@b.co",
		strings.Repeat("a", 65) + "@b.co", "a@" + strings.Repeat("b", 64) + ".co", "a@" + strings.Repeat("b.", 130) + "co",
	}
	for _, mail := range good {
		if _, err := registration.Parse("n", mail); err != nil {
			t.Errorf("%q: %v", mail, err)
		}
	}
	for _, mail := range bad {
		if _, err := registration.Parse("n", mail); err == nil {
			t.Errorf("%q passes", mail)
		}
	}
}

// faults reads "field code" pairs.
func faults(pairs ...string) (ps event.Problems) {
	for _, pair := range pairs {
		field, code, _ := strings.Cut(pair, " ")
		ps.Add(field, code)
	}
	return ps
}

// Whatever is typed, what Parse lets through keeps its promises.
func FuzzParse(f *testing.F) {
	for _, s := range [][2]string{
		{"Avid Reader", "a@b.co"}, {"J.R. Doe", "a+b@c.co"}, {"evil.example", "a@b"}, {"a\u202e", "@"},
		{"क्\u200dष", "a@b.co\r\nBcc: c@d.co"}, {"\xff", "\xff@b.co"}, {" ", " "}, {"a\uff0ebb", `"a b"@c.co`},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, name, mail string) {
		a, err := registration.Parse(name, mail)
		if err != nil {
			var problems event.Problems
			if !errors.As(err, &problems) || len(problems) == 0 || a != (registration.Applicant{}) {
				t.Errorf("Parse(%q, %q) = %+v, %v", name, mail, a, err)
			}
			return
		}
		if utf8.RuneCountInString(a.Name) > registration.MaxName || strings.ContainsAny(a.Name, "\r\n\x00/@<>\u202e") {
			t.Errorf("name %q", a.Name)
		}
		if len(a.Email) > 254 || strings.Count(a.Email, "@") != 1 || strings.ContainsAny(a.Email, " \r\n\x00<>,;\"") {
			t.Errorf("address %q", a.Email)
		}
		if again, err := registration.Parse(a.Name, a.Email); err != nil || again != a {
			t.Errorf("parsing %+v again: %+v, %v", a, again, err)
		}
	})
}
