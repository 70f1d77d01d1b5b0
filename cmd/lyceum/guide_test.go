package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The guide knows every variable and every command, and no others.
func TestTheGuideIsComplete(t *testing.T) {
	guide := mustRead(t, "../../server/web/pages/docs/operators.md")
	named := regexp.MustCompile("(?m)^- `(LYCEUM_[A-Z_]+)`:").FindAllStringSubmatch(guide, -1)
	var documented []string
	for _, match := range named {
		documented = append(documented, match[1])
	}
	for _, name := range variableNames() {
		if !slices.Contains(documented, name) {
			t.Errorf("the guide does not explain %s", name)
		}
	}
	for _, name := range documented {
		if !slices.Contains(variableNames(), name) {
			t.Errorf("the guide explains %s, which is no variable", name)
		}
	}
	for _, match := range regexp.MustCompile("`lyceum ([a-z]+)[^`]*`").FindAllStringSubmatch(guide, -1) {
		if !strings.Contains(usage, "lyceum "+match[1]) {
			t.Errorf("the guide names lyceum %s, which is no command", match[1])
		}
	}
}
