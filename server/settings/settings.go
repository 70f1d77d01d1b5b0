// Package settings holds what a library says about itself: its name, its time
// zone, the languages it speaks, how to reach it, its colour, its own words on
// privacy, and the name its mails come from.
//
// An administrator of the library sets them in the console; until then Default
// is in force and SetUp is false. Check turns what was typed into Settings or
// into a list of problems, and proves that the accent colour can be read; Theme
// derives the colours of both themes from it. The package is values and
// functions: it knows neither the database nor the pages.
package settings

import (
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones must load on machines without a zone database
	"unicode/utf8"

	"lyceum/server/event"
)

// Limits of what can be typed. Lengths count runes.
const (
	MaxLibrary = 100
	MaxContact = 200
	MaxPrivacy = 20_000
	MaxSender  = 60
)

// Settings is one library's, checked.
type Settings struct {
	Library   string   // its name, on every page and mail
	TimeZone  string   // IANA name: the clock of lists and the default of new events
	Languages []string // that people speak there; BCP 47, of Languages
	Contact   string   // one line: a mail address, a telephone number; may be empty
	Accent    string   // "#rrggbb", or "" for the house's own green
	Privacy   string   // markdown; "" when the library adds nothing of its own
	Sender    string   // the name mails come from; "" means the library's

	Version   int64 // rises with every change; 0 before the first
	UpdatedAt time.Time
}

// Draft is what an administrator typed.
type Draft struct {
	Library, TimeZone, Contact, Accent, Privacy, Sender string
	Languages                                           []string
}

// Default is in force until somebody has set up the library.
func Default() Settings {
	return Settings{Library: "Our Library", TimeZone: "UTC", Languages: []string{"en"}}
}

// SetUp tells whether an administrator has saved the settings at least once.
func (s Settings) SetUp() bool { return s.Version > 0 }

// MailName is the name that mails come from.
func (s Settings) MailName() string {
	if s.Sender != "" {
		return s.Sender
	}
	return s.Library
}

// Location is the library's zone; UTC when this machine does not know it.
func (s Settings) Location() *time.Location {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Languages lists what can be chosen, in the order of a menu.
func Languages() []string {
	return []string{
		"en", "ar", "bn", "cs", "da", "de", "el", "es", "et", "fa", "fi", "fr", "ga", "he", "hi", "hr", "hu", "id", "is", "it", "ja",
		"ko", "lt", "lv", "mi", "mr", "ms", "nb", "ne", "nl", "pa", "pl", "ps", "pt", "ro", "ru", "sk", "sl", "so", "sq", "sr", "sv",
		"sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "zh",
	}
}

// Check makes Settings of a draft. The error is an event.Problems with
// everything that is wrong. Version and UpdatedAt are the store's to set.
func Check(d Draft) (Settings, error) {
	var ps event.Problems
	s := Settings{
		Library: line(&ps, "library", d.Library, MaxLibrary, true),
		Contact: line(&ps, "contact", d.Contact, MaxContact, false),
		Sender:  line(&ps, "sender", d.Sender, MaxSender, false),
		Privacy: strings.TrimSpace(d.Privacy), TimeZone: strings.TrimSpace(d.TimeZone),
		Accent: strings.ToLower(strings.TrimSpace(d.Accent)),
	}
	if utf8.RuneCountInString(s.Privacy) > MaxPrivacy {
		ps.Add("privacy", event.CodeTooLong)
	} else if !utf8.ValidString(s.Privacy) || strings.ContainsRune(s.Privacy, 0) {
		ps.Add("privacy", event.CodeBadText)
	}
	// "Local" would make the same setting read differently on two machines.
	if _, err := time.LoadLocation(s.TimeZone); err != nil || s.TimeZone == "Local" || s.TimeZone == "" {
		ps.Add("timeZone", event.CodeUnknown)
	}
	for _, tag := range d.Languages {
		if !slices.Contains(Languages(), tag) {
			ps.Add("languages", event.CodeUnknown)
			break
		}
		if !slices.Contains(s.Languages, tag) {
			s.Languages = append(s.Languages, tag)
		}
	}
	if len(d.Languages) == 0 {
		ps.Add("languages", event.CodeRequired)
	}
	if s.Accent != "" {
		if _, err := ParseColour(s.Accent); err != nil {
			ps.Add("accent", event.CodeUnknown)
		} else if _, err := ThemeOf(s.Accent); err != nil {
			ps.Add("accent", CodeLowContrast)
		}
	}
	if len(ps) > 0 {
		return Settings{}, ps
	}
	return s, nil
}

// line checks a one-line text and returns it tidied.
func line(ps *event.Problems, field, text string, limit int, required bool) string {
	text, ok := event.Tidy(text)
	switch {
	case !ok:
		ps.Add(field, event.CodeBadText)
	case text == "" && required:
		ps.Add(field, event.CodeRequired)
	case utf8.RuneCountInString(text) > limit:
		ps.Add(field, event.CodeTooLong)
	}
	return text
}
