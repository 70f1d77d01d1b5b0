package pages_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var token = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)

// Text stands out 4.5 to 1 (WCAG 2.2, 1.4.3), borders of controls and focus 3 to 1 (1.4.11), in both themes.
func TestTokensKeepTheirContrast(t *testing.T) {
	light, dark, found := strings.Cut(string(readFile(t, "../../../frontend/src/ui/tokens.css")), "@media (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("tokens.css has no dark theme")
	}
	colours := map[string]string{}
	for _, theme := range []string{light, dark} { // dark overrides what it names
		for _, match := range token.FindAllStringSubmatch(theme, -1) {
			colours[match[1]] = match[2]
		}
		for _, rule := range []struct {
			on    string
			least float64
			front string
		}{
			{"paper paper-raised paper-sunken accent-tint danger-tint caution-tint", 4.5, "ink ink-soft"},
			{"paper paper-raised paper-sunken accent-tint", 4.5, "accent accent-hover"},
			{"paper paper-raised paper-sunken danger-tint", 4.5, "danger danger-hover"},
			{"paper paper-raised caution-tint", 4.5, "caution"},
			{"accent accent-hover", 4.5, "on-accent"},
			{"danger danger-hover", 4.5, "on-danger"},
			{"stage stage-raised", 4.5, "on-stage on-stage-soft"},
			{"paper paper-raised paper-sunken", 3, "line-strong"},
			{"paper paper-raised paper-sunken accent-tint", 3, "focus"},
			{"stage stage-raised", 3, "stage-line speaking"},
		} {
			for front := range strings.FieldsSeq(rule.front) {
				for ground := range strings.FieldsSeq(rule.on) {
					if got := contrast(t, colours[front], colours[ground]); got < rule.least {
						t.Errorf("--%s on --%s: %.2f, want %.1f", front, ground, got, rule.least)
					}
				}
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if len(colour) != 7 {
		t.Fatalf("no colour: %q", colour)
	}
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		value, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(value) / 255
		if c <= 0.04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return sum
}
