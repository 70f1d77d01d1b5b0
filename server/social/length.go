package social

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/rivo/uniseg"

	"lyceum/server/post"
)

// Measure answers how a channel's service counts a text.
func Measure(c post.Channel) func(string) int {
	if c.Service == post.Mastodon {
		return func(text string) int { return mastodonLength(text, c.LinkLength) }
	}
	return uniseg.GraphemeClusterCount
}

var (
	links    = regexp.MustCompile(`https?://[^\s<>"]+`)
	mentions = regexp.MustCompile(`(^|[^/\w])@(\w+)@[\w.-]+\w`)
)

// mastodonLength counts as Mastodon's StatusLengthValidator does: graphemes, any link for the same number, and of a
// mention of another server only the name.
func mastodonLength(text string, link int) int {
	text = links.ReplaceAllStringFunc(text, func(found string) string {
		kept := trimLink(found)
		if link <= 0 || !named(kept) {
			return found
		}
		return strings.Repeat("x", link) + found[len(kept):]
	})
	return uniseg.GraphemeClusterCount(mentions.ReplaceAllString(text, "$1@$2"))
}

// trimLink takes the punctuation of the sentence off the end of a link.
func trimLink(text string) string { return strings.TrimRight(text, ".,:;!?'\u2026)") }

// named tells whether a link has a real name in it; Mastodon does not shorten any other.
func named(link string) bool {
	u, err := url.Parse(link)
	if err != nil || !strings.Contains(u.Hostname(), ".") {
		return false
	}
	_, err = netip.ParseAddr(u.Hostname())
	return err != nil
}
