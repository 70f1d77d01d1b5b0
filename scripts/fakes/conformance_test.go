package fakes_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lyceum/scripts/fakes"
	"lyceum/server/social/bluesky"
	"lyceum/server/social/mastodon"
)

const text = "The Paper Lantern\n\nThursday \u2728 13:00\n\nhttps://live.library.example/events/lantern"

// at is the moment that sdk/record.mjs writes into its record.
func at() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }

// The rule: what we send equals what the official SDKs sent to the same fakes (testdata, by sdk/record.mjs) in method,
// path, the headers that matter and JSON.
func TestOurRequestsEqualTheSDKs(t *testing.T) {
	m := fakes.NewMastodon("token-for-tests", at)
	b := fakes.NewBluesky("library.test", "app-password-for-tests", at)
	first, second := httptest.NewServer(m), httptest.NewServer(b)
	defer first.Close()
	defer second.Close()
	toot := mastodon.Client{HTTP: http.DefaultClient, Server: first.URL, Token: "token-for-tests", Now: at}
	if link, err := toot.Post(t.Context(), "post-1", text, "en"); err != nil || link == "" {
		t.Fatal(link, err)
	}
	sky := bluesky.Client{HTTP: http.DefaultClient, Server: second.URL, Identifier: "library.test", Password: "app-password-for-tests", Now: at}
	if link, err := sky.Post(t.Context(), "3mb2222222222", bluesky.NewRecord(text, "en", at())); err != nil || link == "" {
		t.Fatal(link, err)
	}
	same(t, "mastodon-statuses", m.Calls()[0])
	same(t, "bluesky-session", b.Calls()[0])
	same(t, "bluesky-record", b.Calls()[1])
}

// same compares a request with a recorded one; the order of JSON's members does not matter.
func same(t *testing.T, name string, got fakes.Request) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	ours, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var want, have any
	if json.Unmarshal(raw, &want) != nil || json.Unmarshal(ours, &have) != nil {
		t.Fatalf("%s is not JSON", name)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("%s (-sdk +lyceum):\n%s", name, diff)
	}
}
