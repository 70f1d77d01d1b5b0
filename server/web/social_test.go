package web_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"lyceum/scripts/fakes"
	"lyceum/server/outbound"
	"lyceum/server/post"
	"lyceum/server/social"
	"lyceum/server/staff"
	"lyceum/server/web"
)

// poster is the real service, as cmd/lyceum joins it to the website.
type poster struct{ *social.Service }

func (p poster) Connect(ctx context.Context, c web.ChannelDraft) (post.Channel, error) {
	return p.Service.Connect(ctx, social.Connection(c))
}

func (p poster) Plans(ctx context.Context, eventID string) ([]web.PostPlan, error) {
	plans, err := p.Service.Plans(ctx, eventID)
	shown := make([]web.PostPlan, len(plans))
	for i, plan := range plans {
		shown[i] = web.PostPlan(plan)
	}
	return shown, err
}

// later stands where the service will be once the house has a store.
type later struct{ web.Social }

func TestStaffConnectAnAccountApproveATextAndSeeItOut(t *testing.T) {
	slot := &later{}
	h := open(t, func(c *web.Config) { c.Social = slot })
	fake := fakes.NewMastodon("good-token", func() time.Time { return h.now })
	server := httptest.NewServer(fake)
	defer server.Close()
	service, err := social.New(social.Config{
		Store: h.store, HTTP: outbound.New(outbound.Config{Allow: []outbound.Allow{{Network: netip.MustParsePrefix("127.0.0.1/32")}}}),
		Site: h.keys.Site, PublicURL: publicURL, Language: "en", Now: func() time.Time { return h.now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	slot.Social = poster{service}
	as := signedIn(h.staff("outreach@library.example", staff.Outreach))

	bad := h.do("POST", "/api/staff/channels", `{"service":"mastodon","server":"`+server.URL+`","secret":"wrong"}`, as)
	if bad.status != 409 || bad.code() != "channel-fault" || !strings.Contains(string(bad.body), `"code":"sign-in"`) {
		t.Errorf("wrong token: %d %s", bad.status, bad.body)
	}
	made := h.do("POST", "/api/staff/channels", `{"service":"mastodon","server":"`+server.URL+`","secret":"good-token"}`, as)
	channel := made.json(t)["id"].(string)
	list := h.do("GET", "/api/staff/channels", "", as)
	checked := h.do("POST", "/api/staff/channels/"+channel+"/check", "{}", as)
	if made.status != 201 || checked.status != 200 || strings.Contains(string(made.body)+string(list.body)+string(checked.body), "good-token") {
		t.Errorf("%s %s %s", made.body, list.body, checked.body)
	}

	e := h.event("The Paper Lantern", 48*time.Hour, nil)
	posts := "/api/staff/events/" + e.ID + "/posts"
	drafts := h.do("GET", posts, "", as).json(t)["items"].([]any)
	draft := drafts[0].(map[string]any)
	if len(drafts) != 2 || draft["state"] != "draft" || !strings.Contains(draft["text"].(string), "/events/"+e.Slug) {
		t.Fatalf("%v", drafts)
	}
	if a := h.do("POST", posts, `{"channel":"`+channel+`","moment":"announced","text":"`+publicURL+`/join#x"}`, as); a.status != 422 || !strings.Contains(string(a.body), "private-link") {
		t.Errorf("a personal link: %d %s", a.status, a.body)
	}
	poked := h.poked
	a := h.do("POST", posts, `{"channel":"`+channel+`","moment":"announced","text":"Come to `+publicURL+`/events/`+e.Slug+`"}`, as)
	id := a.json(t)["id"].(string)
	if a.status != 200 || a.json(t)["state"] != "planned" || h.poked != poked+1 {
		t.Fatalf("approve: %d %s", a.status, a.body)
	}
	if err := service.Handle(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	shown := h.do("GET", "/api/staff/posts", "", as).json(t)["items"].([]any)[0].(map[string]any)
	if shown["state"] != "sent" || shown["link"] != server.URL+"/@library/1" || len(fake.Texts()) != 1 {
		t.Errorf("%v %v", shown, fake.Texts())
	}
	for _, late := range []struct{ method, path string }{{"POST", "/api/staff/posts/" + id + "/retry"}, {"DELETE", "/api/staff/posts/" + id}} {
		if a := h.do(late.method, late.path, "", as); a.status != 409 || a.code() != "post-out" {
			t.Errorf("%s %s: %d %s", late.method, late.path, a.status, a.body)
		}
	}
	if a := h.do("DELETE", "/api/staff/channels/"+channel, "", as); a.status != 204 {
		t.Errorf("disconnect: %d %s", a.status, a.body)
	}
}
