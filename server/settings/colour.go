package settings

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// CodeLowContrast is the problem of an accent colour that text cannot have.
const CodeLowContrast = "low-contrast"

// readable is the least contrast of text (WCAG 2.2, 1.4.3).
const readable = 4.5

// Colour is sRGB, 0 to 255 each.
type Colour struct{ R, G, B float64 }

// ParseColour reads "#rrggbb".
func ParseColour(text string) (Colour, error) {
	n, err := strconv.ParseUint(text[min(1, len(text)):], 16, 32)
	if len(text) != 7 || text[0] != '#' || err != nil {
		return Colour{}, fmt.Errorf("settings: %q is not a colour like #1d5646", text)
	}
	return Colour{float64(n >> 16), float64(n >> 8 & 0xff), float64(n & 0xff)}, nil
}

func (c Colour) String() string {
	return fmt.Sprintf("#%02x%02x%02x", uint8(math.Round(c.R)), uint8(math.Round(c.G)), uint8(math.Round(c.B)))
}

// mix moves c towards other; share 0 is c, 1 is other.
func (c Colour) mix(other Colour, share float64) Colour {
	between := func(a, b float64) float64 { return math.Round(a + (b-a)*share) }
	return Colour{between(c.R, other.R), between(c.G, other.G), between(c.B, other.B)}
}

// luminance is the relative luminance of WCAG 2.2.
func (c Colour) luminance() float64 {
	linear := func(v float64) float64 {
		if v /= 255; v > 0.04045 {
			return math.Pow((v+0.055)/1.055, 2.4)
		}
		return v / 12.92
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// Contrast is WCAG 2.2's ratio of two colours, 1 to 21.
func Contrast(a, b Colour) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Shades are the four tokens that follow from an accent (frontend/src/ui/tokens.css).
type Shades struct{ Accent, Hover, Tint, On Colour }

// Theme is the accent on light and on dark paper.
type Theme struct{ Light, Dark Shades }

// The papers that an accent is read on, darkest light one first; tokens.css
// states them, and a test holds the two together.
var (
	lightPapers = [3]Colour{{0xf3, 0xee, 0xe3}, {0xfb, 0xf8, 0xf2}, {0xff, 0xfe, 0xfb}}
	darkPapers  = [3]Colour{{0x12, 0x10, 0x0e}, {0x18, 0x16, 0x13}, {0x21, 0x1e, 0x1a}}
	white       = Colour{255, 255, 255}
	black       = Colour{}
	night       = Colour{0x0d, 0x0c, 0x0b}
)

// ThemeOf derives both themes. The accent itself must be readable on every light
// paper and under white text; for dark paper it is lightened until it is.
func ThemeOf(accent string) (Theme, error) {
	c, err := ParseColour(accent)
	if err != nil {
		return Theme{}, err
	}
	if !readsOn(c, lightPapers[:]) || Contrast(c, white) < readable {
		return Theme{}, errors.New("settings: the accent colour is too pale to read on paper")
	}
	light := Shades{Accent: c, Hover: c.mix(black, 0.3), Tint: tint(c, lightPapers[1]), On: white}
	d := c
	for share := 0.0; share < 1 && !(readsOn(d, darkPapers[:]) && Contrast(d, night) >= readable && Contrast(d, tint(d, darkPapers[1])) >= readable); share += 0.05 {
		d = c.mix(white, share)
	}
	dark := Shades{Accent: d, Hover: d.mix(white, 0.35), Tint: tint(d, darkPapers[1]), On: night}
	return Theme{Light: light, Dark: dark}, nil
}

// tint is paper with as much of the accent as still lets the accent be read on it.
func tint(accent, paper Colour) Colour {
	for share := 0.12; share > 0; share -= 0.02 {
		if t := paper.mix(accent, share); Contrast(accent, t) >= readable {
			return t
		}
	}
	return paper
}

func readsOn(c Colour, papers []Colour) bool {
	for _, paper := range papers {
		if Contrast(c, paper) < readable {
			return false
		}
	}
	return true
}

// CSS overrides the accent's tokens in both themes.
func (t Theme) CSS() string {
	rule := func(s Shades) string {
		return fmt.Sprintf(":root{--accent:%s;--accent-hover:%s;--accent-tint:%s;--on-accent:%s}", s.Accent, s.Hover, s.Tint, s.On)
	}
	return rule(t.Light) + "@media (prefers-color-scheme: dark){" + rule(t.Dark) + "}\n"
}
