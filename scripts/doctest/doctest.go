// Package doctest keeps the documents honest: Commands reads every shell
// command out of a Markdown file, and the tests run them, in order, in a folder
// of their own. What needs a person (a browser, a Ctrl-C) is done as far as a
// program can. A command that the tests do not know fails them, so that nobody
// documents what nobody tried.
package doctest

import "strings"

// Commands answers the lines of all ```sh blocks of a Markdown text, without
// comments and empty lines. A line that ends in a backslash goes on.
func Commands(markdown string) []string {
	var commands []string
	inside, unfinished := false, ""
	for line := range strings.Lines(markdown) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```sh"
			continue
		case !inside:
			continue
		}
		if before, _, found := strings.Cut(line, " # "); found {
			line = strings.TrimSpace(before)
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if rest, more := strings.CutSuffix(line, "\\"); more {
			unfinished += strings.TrimSpace(rest) + " "
			continue
		}
		commands = append(commands, unfinished+line)
		unfinished = ""
	}
	return commands
}
