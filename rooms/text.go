package rooms

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ChatLength is the longest chat message, in runes, after cleaning.
const ChatLength = 1000

// nameLength is the longest display name, in runes; longer ones are cut.
const nameLength = 60

// runes is the length that limits are about.
func runes(s string) int { return utf8.RuneCountInString(s) }

// cleanText keeps what people write and drops what only attacks: broken UTF-8,
// control characters but the line break, and the bidirectional controls that
// make text read other than it is (Unicode TR 36, section 2.3). Joiners stay;
// Hindi and emoji need them.
func cleanText(s string) string {
	// Nothing longer can be within the limit, and cleaning it would be work for
	// whoever sent it.
	if len(s) > 8*ChatLength {
		s = s[:8*ChatLength]
	}
	return strings.TrimSpace(strings.Map(keep, strings.ToValidUTF8(s, "")))
}

func keep(r rune) rune {
	switch {
	case r == '\n':
		return r
	case r == '\t', r == '\u2028', r == '\u2029':
		return ' '
	case r == '\u200c', r == '\u200d': // zero width non-joiner and joiner
		return r
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
		return -1
	}
	return r
}

// cleanName makes a display name of one line within the length.
func cleanName(s string) string {
	s = strings.Join(strings.Fields(cleanText(s)), " ")
	if runes(s) <= nameLength {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:nameLength]))
}
