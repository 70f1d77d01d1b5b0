package social_test

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"lyceum/scripts/fakes"
	"lyceum/server/post"
)

// The rule (reliability R19): of 500 posts, half of whose calls fail in every way a service can fail, each is out once
// in the end.
func TestFiveHundredPostsThroughFaultsGoOutOnceEach(t *testing.T) {
	d := open(t)
	e := d.event()
	chance := rand.New(rand.NewPCG(19, 500))
	faults := []fakes.Break{{}, {}, refuse(429, "Retry-After", "60", ""), refuse(503, "", "", ""), {After: drop},
		{Before: func(w http.ResponseWriter, _ *http.Request) bool { drop(w); return true }},
		{After: func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) }},
	}
	var posts []post.Post
	for _, service := range []string{post.Mastodon, post.Bluesky} {
		c := d.connect(service)
		for range 250 {
			d.set(d.now().Add(time.Millisecond))
			e = d.event()
			posts = append(posts, d.approve(e, c, post.Announced))
		}
	}
	for range 400 {
		d.mastodon.BreakNext(faults[chance.IntN(len(faults))])
		d.bluesky.BreakNext(faults[chance.IntN(len(faults))])
	}
	for range 40 {
		d.set(d.now().Add([]time.Duration{time.Minute, 35 * time.Minute}[chance.IntN(2)]))
		for d.work() > 0 {
		}
	}
	for _, p := range posts {
		if p = d.reread(p); p.State != post.Sent {
			t.Errorf("%s %s after %d attempts", p.State, p.Fault, p.Attempts)
		}
	}
	texts := map[string]int{}
	for _, text := range d.mastodon.Texts() {
		texts[text]++
	}
	for text, n := range texts {
		if n != 1 {
			t.Errorf("%d times on Mastodon: %q", n, text)
		}
	}
	if len(texts) != 250 || len(d.bluesky.Records()) != 250 {
		t.Errorf("%d on Mastodon, %d on Bluesky, want 250 each", len(texts), len(d.bluesky.Records()))
	}
}
