package pages_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const catalogueFile = "../../../frontend/messages/public.en.json"

var (
	keyUse      = regexp.MustCompile(`"(public\.[a-z0-9.+-]+)"`)
	placeholder = regexp.MustCompile(`\{[a-z]+\}`)
)

// Every key that a template or a Go file names has a text, and every text is named somewhere.
func TestCatalogueHasWhatThePagesUseAndNothingElse(t *testing.T) {
	texts := catalogue(t)
	used := map[string]bool{}
	for _, source := range sources(t) {
		for _, match := range keyUse.FindAllStringSubmatch(source, -1) {
			key := match[1]
			_, plain := texts[key]
			_, one := texts[key+".one"]
			_, other := texts[key+".other"]
			if !plain && !(one && other) {
				t.Errorf("%s has no text", key)
			}
			used[key], used[key+".one"], used[key+".other"] = true, true, true
		}
	}
	for key, text := range texts {
		if !used[key] {
			t.Errorf("%s is not used", key)
		}
		if strings.TrimSpace(text) != text || text == "" {
			t.Errorf("%s: %q is empty or has space around it", key, text)
		}
	}
}

// No page may show a placeholder that nobody filled, or a key instead of its text.
func TestPagesFillEveryPlaceholder(t *testing.T) {
	s := open(t)
	for name, page := range allPages(t, s) {
		for _, pattern := range []*regexp.Regexp{placeholder, regexp.MustCompile(`public\.[a-z]+\.`)} {
			for _, found := range pattern.FindAllString(page.body, -1) {
				// The island fills these two by itself.
				if found != "{time}" && found != "{day}" {
					t.Errorf("%s shows %s", name, found)
				}
			}
		}
	}
}

func catalogue(t *testing.T) map[string]string {
	t.Helper()
	var texts map[string]string
	if err := json.Unmarshal(readFile(t, catalogueFile), &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

func sources(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"*.go", "templates/*.html"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, string(data))
		}
	}
	return all
}
