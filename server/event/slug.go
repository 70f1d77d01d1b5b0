package event

import (
	"strings"
	"time"
)

// maxSlugTitle keeps addresses short enough to read aloud, in bytes.
const maxSlugTitle = 60

// folded maps letters that a US-ASCII address cannot hold to their usual spelling.
var folded = strings.NewReplacer(
	"ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "æ", "ae", "ø", "o", "å", "a", "œ", "oe",
	"à", "a", "á", "a", "â", "a", "ã", "a", "ç", "c", "č", "c", "ć", "c", "ď", "d",
	"è", "e", "é", "e", "ê", "e", "ë", "e", "ě", "e", "ę", "e", "ą", "a",
	"ì", "i", "í", "i", "î", "i", "ï", "i", "ł", "l", "ñ", "n", "ń", "n", "ň", "n",
	"ò", "o", "ó", "o", "ô", "o", "õ", "o", "ř", "r", "š", "s", "ś", "s", "ť", "t",
	"ù", "u", "ú", "u", "û", "u", "ů", "u", "ý", "y", "ÿ", "y", "ž", "z", "ź", "z", "ż", "z",
	"'", "", "’", "",
)

// Slug makes the readable part of an event's address out of its title and the
// day it starts in its own time zone, for example "the-paper-lantern-2026-12-03".
// A title without a Latin letter or digit yields "event-2026-12-03".
func Slug(title string, starts time.Time) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(folded.Replace(strings.ToLower(title)), notSlug) {
		if b.Len()+len(word) > maxSlugTitle && b.Len() > 0 {
			break
		}
		b.WriteString(word[:min(len(word), maxSlugTitle)] + "-")
	}
	if b.Len() == 0 {
		b.WriteString("event-")
	}
	return b.String() + starts.Format(time.DateOnly)
}

func notSlug(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }
