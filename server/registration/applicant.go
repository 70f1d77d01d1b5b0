package registration

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"lyceum/server/event"
)

// Limits of what an applicant may type.
const (
	MaxName  = 60  // runes
	maxEmail = 254 // bytes, RFC 5321 section 4.5.3.1.3 less the angle brackets
	maxLocal = 64  // bytes, RFC 5321 section 4.5.3.1.1
	maxLabel = 63  // bytes, RFC 1035 section 2.3.4
)

// Applicant is a person who asks for a seat, checked and tidied.
type Applicant struct {
	Name  string // at most MaxName runes, one line, never a link
	Email string // domain in lower case
}

// Parse checks what a person typed. The error is an event.Problems for the fields
// "name" and "email". The name goes into mails that strangers cause, so it must
// not carry anything a mail program would turn into a link. Addresses are
// US-ASCII, because not every mail server speaks SMTPUTF8 (RFC 6531).
func Parse(name, email string) (Applicant, error) {
	var ps event.Problems
	name, ok := event.Tidy(name)
	switch {
	case !ok:
		ps.Add("name", event.CodeBadText)
	case !strings.ContainsFunc(name, visible):
		ps.Add("name", event.CodeRequired)
	case utf8.RuneCountInString(name) > MaxName:
		ps.Add("name", event.CodeTooLong)
	case looksLikeLink(name):
		ps.Add("name", event.CodeLink)
	}
	email = strings.TrimSpace(email)
	switch at := strings.LastIndexByte(email, '@'); {
	case email == "":
		ps.Add("email", event.CodeRequired)
	case len(email) > maxEmail:
		ps.Add("email", event.CodeTooLong)
	case at < 0 || !validLocal(email[:at]) || !validDomain(email[at+1:]):
		ps.Add("email", event.CodeNotAnEmail)
	default:
		email = email[:at] + strings.ToLower(email[at:])
	}
	if len(ps) > 0 {
		return Applicant{}, ps
	}
	return Applicant{Name: name, Email: email}, nil
}

func visible(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// looksLikeLink finds what mail programs make clickable: schemes, paths,
// addresses, and two or more letters on both sides of a dot. Initials ("J.R.
// Doe") pass. Besides the full stop, RFC 3490 section 3.1 knows three more dots.
func looksLikeLink(name string) bool {
	if strings.ContainsAny(name, "/\\@<>[]") {
		return true
	}
	for word := range strings.FieldsSeq(name) {
		parts := strings.FieldsFunc(word, func(r rune) bool {
			return r == '.' || r == '\u3002' || r == '\uff0e' || r == '\uff61'
		})
		for i := 1; i < len(parts); i++ {
			if utf8.RuneCountInString(parts[i-1]) > 1 && utf8.RuneCountInString(parts[i]) > 1 {
				return true
			}
		}
	}
	return false
}

// validLocal accepts the dot-atom form of RFC 5322 section 3.2.3. Quoted local
// parts are legal, unused, and a classic way to smuggle.
func validLocal(local string) bool {
	if local == "" || len(local) > maxLocal || local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, "..") {
		return false
	}
	for i := range len(local) {
		if c := local[i]; !alphanumeric(c) && !strings.ContainsRune(".!#$%&'*+-/=?^_`{|}~", rune(c)) {
			return false
		}
	}
	return true
}

// validDomain accepts two or more DNS labels; the last one is not all digits, so
// bare IPv4 addresses fail.
func validDomain(domain string) bool {
	labels := strings.Split(domain, ".")
	if len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; !alphanumeric(c) && c != '-' {
				return false
			}
		}
	}
	return strings.ContainsFunc(labels[len(labels)-1], unicode.IsLetter)
}

func alphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
