package settings_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lyceum/server/event"
	"lyceum/server/settings"
)

func draft() settings.Draft {
	return settings.Draft{Library: "Harbour Town Library", TimeZone: "Europe/Berlin", Languages: []string{"en", "de"}, Accent: "#7a1f3d"}
}

func TestWhatCanBeSaved(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*settings.Draft)
		field  string
		code   string
	}{
		{"a whole draft", func(*settings.Draft) {}, "", ""},
		{"no accent means the house's own", func(d *settings.Draft) { d.Accent = "" }, "", ""},
		{"a library needs a name", func(d *settings.Draft) { d.Library = "  " }, "library", event.CodeRequired},
		{"a name is one line without tricks", func(d *settings.Draft) { d.Library = "Harbour\u202eyrarbiL" }, "library", event.CodeBadText},
		{"a name has an end", func(d *settings.Draft) { d.Library = strings.Repeat("a", 101) }, "library", event.CodeTooLong},
		{"a zone is an IANA name", func(d *settings.Draft) { d.TimeZone = "CET+1" }, "timeZone", event.CodeUnknown},
		{"a zone is not this machine's", func(d *settings.Draft) { d.TimeZone = "Local" }, "timeZone", event.CodeUnknown},
		{"a zone is needed", func(d *settings.Draft) { d.TimeZone = "" }, "timeZone", event.CodeUnknown},
		{"a language is one of the list", func(d *settings.Draft) { d.Languages = []string{"<b>"} }, "languages", event.CodeUnknown},
		{"a language is needed", func(d *settings.Draft) { d.Languages = nil }, "languages", event.CodeRequired},
		{"a colour is #rrggbb", func(d *settings.Draft) { d.Accent = "red; }" }, "accent", event.CodeUnknown},
		{"a colour must be readable on paper", func(d *settings.Draft) { d.Accent = "#f0c36b" }, "accent", settings.CodeLowContrast},
		{"privacy text has an end", func(d *settings.Draft) { d.Privacy = strings.Repeat("a", 20_001) }, "privacy", event.CodeTooLong},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := draft()
			row.change(&d)
			s, err := settings.Check(d)
			var ps event.Problems
			switch {
			case row.code == "" && err != nil:
				t.Fatal(err)
			case row.code == "":
				if s.MailName() != s.Library || s.SetUp() || s.Location().String() != "Europe/Berlin" {
					t.Errorf("%+v", s)
				}
			case !errors.As(err, &ps) || !slices.Contains(ps, event.Problem{Field: row.field, Code: row.code}):
				t.Errorf("got %v, want %s %s", err, row.field, row.code)
			}
		})
	}
}

// Whatever colour passes, every pair that the pages put together can be read.
func TestEveryAcceptedAccentIsReadable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.Float64Range(0, 255)
		accent := settings.Colour{R: part.Draw(t, "r"), G: part.Draw(t, "g"), B: part.Draw(t, "b")}.String()
		theme, err := settings.ThemeOf(accent)
		if err != nil {
			return
		}
		colour := func(s string) settings.Colour {
			c, err := settings.ParseColour(s)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		for name, pairs := range map[string][][2]settings.Colour{
			"light": {{theme.Light.Accent, colour("#f3eee3")}, {theme.Light.Accent, theme.Light.Tint}, {theme.Light.Hover, theme.Light.Tint}, {theme.Light.On, theme.Light.Accent}, {theme.Light.On, theme.Light.Hover}},
			"dark":  {{theme.Dark.Accent, colour("#211e1a")}, {theme.Dark.Accent, theme.Dark.Tint}, {theme.Dark.Hover, theme.Dark.Tint}, {theme.Dark.On, theme.Dark.Accent}, {theme.Dark.On, theme.Dark.Hover}},
		} {
			for i, pair := range pairs {
				if got := settings.Contrast(pair[0], pair[1]); got < 4.5 {
					t.Errorf("%s, %s theme, pair %d: %s on %s is %.2f", accent, name, i, pair[0], pair[1], got)
				}
			}
		}
	})
}

// The papers that the check counts on are the ones that the pages have.
func TestThePapersAreTheTokens(t *testing.T) {
	tokens, err := os.ReadFile("../../frontend/src/ui/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"--paper: #fbf8f2;", "--paper-raised: #fffefb;", "--paper-sunken: #f3eee3;",
		"--paper: #181613;", "--paper-raised: #211e1a;", "--paper-sunken: #12100e;",
	} {
		if !strings.Contains(string(tokens), line) {
			t.Errorf("tokens.css has no %q: change colour.go with it", line)
		}
	}
}

func TestTheStylesheetNamesTokensOnly(t *testing.T) {
	theme, err := settings.ThemeOf("#7a1f3d")
	if err != nil {
		t.Fatal(err)
	}
	const want = ":root{--accent:#7a1f3d;--accent-hover:#55162b;"
	if got := theme.CSS(); !strings.HasPrefix(got, want) || strings.ContainsAny(got, "<\"'\\") {
		t.Errorf("got %s", got)
	}
}
