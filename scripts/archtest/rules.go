// Package archtest holds the shape of the house: who may import whom, which
// technology may be touched where, what may stand at the top level, how long a
// file may be, and that every package says what it is for. Check is pure; Load
// reads a tree through the go command. The rules are written once, here, and
// ARCHITECTURE.md explains them. Only what is built into the product counts:
// tests may import more.
package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// Module is the module's path: what starts with it is ours.
const Module = "lyceum"

// MaxLines is the longest a source file may be.
const MaxLines = 500

// Package is one Go package as the rules see it.
type Package struct {
	Path    string         // without the module: "rooms/live"
	Doc     string         // its doc comment's first sentence
	Imports []string       // full import paths, tests' excluded
	Lines   map[string]int // file name -> lines; generated files excluded
}

// technologies are import path prefixes that only the named folders may touch,
// and cmd, which joins them.
var technologies = []struct {
	prefix  string
	allowed []string
}{
	{"github.com/gofiber/", []string{"server/web", "signaling/socket", "signaling/whip"}},
	{"github.com/danielgtaylor/huma", []string{"server/web"}},
	{"modernc.org/sqlite", []string{"server/store"}},
	{"github.com/jackc/pgx", []string{"server/store"}},
	{"database/sql", []string{"server/store"}},
	{"github.com/nats-io/", []string{"server/bus"}},
	{"github.com/redis/", []string{"rooms/state"}},
	{"github.com/alicebob/miniredis", []string{"rooms/state"}},
	{"github.com/pion/", []string{"rooms/sfu", "signaling/whip", "signaling/client", "scripts/sfubench", "scripts/attack/media"}},
	{"github.com/golang-jwt/", []string{"rooms/token"}},
	{"github.com/wneessen/go-mail", []string{"server/email"}},
	{"github.com/rivo/uniseg", []string{"server/social", "scripts/fakes"}},
}

// rulesPackages hold plain values and functions and import no technology;
// the value lists which other rules packages each may import.
var rulesPackages = map[string][]string{
	"server/event":        {},
	"server/staff":        {},
	"server/settings":     {"server/event"},
	"server/registration": {"server/event"},
	"server/post":         {"server/event"},
	"server/outreach":     {"server/event"},
	"rooms":               {},
}

// TopLevel is what may stand in the repository's root, dotfiles apart.
var TopLevel = []string{
	"cmd", "server", "rooms", "signaling", "frontend", "scripts", "go.mod", "go.sum", "compose.yaml", "Dockerfile",
	"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE",
}

// Check answers every breach of the rules, one sentence each, sorted.
func Check(packages []Package, topLevel []string) []string {
	var breaches []string
	for _, p := range packages {
		if p.Doc == "" {
			breaches = append(breaches, fmt.Sprintf("%s has no package comment", p.Path))
		}
		for file, lines := range p.Lines {
			if lines > MaxLines {
				breaches = append(breaches, fmt.Sprintf("%s/%s has %d lines; the limit is %d", p.Path, file, lines, MaxLines))
			}
		}
		for _, imported := range p.Imports {
			if why := forbidden(p.Path, imported); why != "" {
				breaches = append(breaches, fmt.Sprintf("%s must not import %s: %s", p.Path, imported, why))
			}
		}
	}
	for _, entry := range topLevel {
		if !strings.HasPrefix(entry, ".") && !slices.Contains(TopLevel, entry) {
			breaches = append(breaches, fmt.Sprintf("%s does not belong at the top level", entry))
		}
	}
	slices.Sort(breaches)
	return breaches
}

// forbidden says why package from must not import path, or "".
func forbidden(from, path string) string {
	for _, t := range technologies {
		if !under(from, "cmd") && strings.HasPrefix(path, t.prefix) && !under(from, t.allowed...) {
			return "only " + strings.Join(t.allowed, ", ") + " may"
		}
	}
	to, ours := strings.CutPrefix(path, Module+"/")
	if allowed, isRules := rulesPackages[from]; isRules {
		switch {
		case ours && !slices.Contains(allowed, to):
			return "rules packages import only " + fmt.Sprint(allowed)
		case !ours && strings.Contains(path, "."):
			return "rules packages import no technology"
		}
	}
	if !ours {
		return ""
	}
	return forbiddenEdge(from, to)
}

// forbiddenEdge says why one of our packages must not import another, or "".
func forbiddenEdge(from, to string) string {
	switch {
	case under(to, "cmd"):
		return "nothing imports cmd"
	case under(from, "cmd", "scripts"):
		return ""
	case under(to, "scripts"):
		return "scripts are not part of the product"
	case under(from, "frontend"):
		return "frontend is files and their embedding"
	case under(to, "frontend"):
		return "only cmd hands the built frontend over"
	case under(from, "server") && !under(to, "server"):
		return "server knows neither rooms nor signaling; cmd joins them"
	case under(from, "server"):
		if sameChild(from, to, "server") || isRulesPackage(to) {
			return ""
		}
		return "parts of server import rules, not each other; cmd joins them"
	case under(from, "rooms") && !under(to, "rooms"):
		return "rooms import only rooms"
	case under(from, "rooms"):
		if to == "rooms" || from == "rooms/live" || sameChild(from, to, "rooms") {
			return ""
		}
		return "only rooms/live joins the parts of a room"
	case under(from, "signaling"):
		if under(to, "signaling") || slices.Contains([]string{"rooms", "rooms/live", "rooms/token", "rooms/sfu"}, to) {
			return ""
		}
		return "signaling speaks to rooms through rooms/live"
	}
	return ""
}

func isRulesPackage(path string) bool {
	_, is := rulesPackages[path]
	return is
}

// under tells whether path is one of the folders or below one.
func under(path string, folders ...string) bool {
	for _, f := range folders {
		if path == f || strings.HasPrefix(path, f+"/") {
			return true
		}
	}
	return false
}

// sameChild tells whether both lie in the same child of root: server/web and
// server/web/pages do.
func sameChild(a, b, root string) bool {
	child := func(p string) string {
		name, _, _ := strings.Cut(strings.TrimPrefix(p, root+"/"), "/")
		return name
	}
	return child(a) == child(b)
}
