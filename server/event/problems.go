package event

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Codes of problems. They are stable: the interface's texts hang on them.
const (
	CodeRequired   = "required"
	CodeTooLong    = "too-long"
	CodeBadText    = "bad-text" // control, invisible or direction-changing characters
	CodeNotAnEmail = "not-an-email"
	CodeLink       = "link" // a name that looks like an address to click
	CodeInThePast  = "in-the-past"
	CodeUnknown    = "unknown"
	CodeOutOfRange = "out-of-range"
)

// Problem says what is wrong with one field of what a person typed.
type Problem struct {
	Field string // the field's JSON and form name
	Code  string // one of the codes above
}

// Problems is an error that lists everything wrong with one input.
type Problems []Problem

// Add appends one problem.
func (p *Problems) Add(field, code string) { *p = append(*p, Problem{field, code}) }

// Error lists fields and codes. It is for logs; people see a text per code.
func (p Problems) Error() string {
	var b strings.Builder
	b.WriteString("invalid input")
	for i, problem := range p {
		b.WriteString([]string{": ", ", "}[min(i, 1)])
		b.WriteString(problem.Field + " " + problem.Code)
	}
	return b.String()
}

// Tidy trims a one-line text and turns every run of spaces into one. It reports
// false for text that could deceive a reader: control characters, text direction
// overrides, invisible characters, private use or broken UTF-8. The zero-width
// joiners pass, because Persian and Indic names need them.
func Tidy(s string) (string, bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r == '\t' || r == '\n' || r == '\r' || unicode.Is(unicode.Zs, r)
	}), " ")
	for _, r := range s {
		if r == '\u200c' || r == '\u200d' {
			continue
		}
		if r == unicode.ReplacementChar || unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) {
			return "", false
		}
	}
	return s, true
}
