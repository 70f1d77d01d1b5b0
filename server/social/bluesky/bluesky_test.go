package bluesky_test

import (
	"regexp"
	"testing"
	"time"

	"lyceum/server/social/bluesky"
)

// Offsets count bytes of UTF-8, not characters, and the sentence's punctuation is no part of a link.
func TestFacetsCoverTheirLinks(t *testing.T) {
	for _, text := range []string{
		"https://a.example", "caf\u00e9 \U0001f469\u200d\U0001f467 https://a.example/x?y=1#z.", "(https://a.example) and https://b.example!", "no link", "",
	} {
		for _, f := range bluesky.NewRecord(text, "en", time.Unix(0, 0)).Facets {
			if part := text[f.Index.Start:f.Index.End]; part != f.Features[0].URI || regexp.MustCompile(`[.!)]$`).MatchString(part) {
				t.Errorf("%q: %q covers %q", text, f.Features[0].URI, part)
			}
		}
	}
	if n := len(bluesky.NewRecord("(https://a.example) and https://b.example!", "en", time.Unix(0, 0)).Facets); n != 2 {
		t.Errorf("%d facets", n)
	}
}

func TestAKeyIsATIDThatStaysAndDiffers(t *testing.T) {
	at := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	key := bluesky.Key("post-1", at)
	if !regexp.MustCompile(`^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$`).MatchString(key) {
		t.Errorf("%s is no TID", key)
	}
	if bluesky.Key("post-1", at.In(time.FixedZone("", 3600))) != key || bluesky.Key("post-2", at) == key || bluesky.Key("post-1", at.Add(time.Second)) <= key {
		t.Error("the key does not stay, differ or sort")
	}
}

func FuzzRecord(f *testing.F) {
	f.Add("see https://a.example/\u00e9.")
	f.Fuzz(func(t *testing.T, text string) {
		for _, facet := range bluesky.NewRecord(text, "en", time.Unix(0, 0)).Facets {
			if text[facet.Index.Start:facet.Index.End] != facet.Features[0].URI {
				t.Errorf("%q: %+v", text, facet)
			}
		}
	})
}
