package social_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"lyceum/scripts/fakes"
	"lyceum/server/event"
	"lyceum/server/outbound"
	"lyceum/server/post"
	"lyceum/server/social"
	"lyceum/server/store"
)

const publicURL = "https://live.library.example"

// desk is the service on a real store, with both networks as strict fakes, and a clock of its own.
type desk struct {
	*testing.T
	s        *social.Service
	store    *store.Store
	mastodon *fakes.Mastodon
	bluesky  *fakes.Bluesky
	servers  map[string]string
	clock    *atomic.Pointer[time.Time] // a fake's handler may read it after its client is gone
}

func (d *desk) now() time.Time { return *d.clock.Load() }

func (d *desk) set(t time.Time) { d.clock.Store(&t) }

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{T: t, clock: &atomic.Pointer[time.Time]{}, servers: map[string]string{}}
	d.set(time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC))
	clock := d.now
	d.mastodon, d.bluesky = fakes.NewMastodon("good-token", clock), fakes.NewBluesky("library.test", "good-password", clock)
	for name, handler := range map[string]http.Handler{post.Mastodon: d.mastodon, post.Bluesky: d.bluesky} {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		d.servers[name] = server.URL
	}
	var err error
	if d.store, err = store.Open(t.Context(), "sqlite:", t.TempDir(), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.store.Close() })
	client := outbound.New(outbound.Config{Allow: []outbound.Allow{{Network: netip.MustParsePrefix("127.0.0.1/32")}}})
	d.s, err = social.New(social.Config{
		Store: d.store, HTTP: client, Site: []byte("a key for tests, 32 bytes long .."), PublicURL: publicURL, Language: "en",
		Now: clock, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) connect(service string) post.Channel {
	d.Helper()
	in := social.Connection{Service: service, Server: d.servers[service], Secret: "good-token"}
	if service == post.Bluesky {
		in.Handle, in.Secret = "@library.test", "good-password"
	}
	c, err := d.s.Connect(d.Context(), in)
	if err != nil {
		d.Fatal(err)
	}
	return c
}

func (d *desk) event() event.Event {
	d.Helper()
	e, err := event.New(uuid.NewString(), event.Draft{
		Title: "The Paper Lantern", Summary: "An evening about light & paper.", Kind: event.AuthorTalk,
		StartsAt: d.now().Add(48 * time.Hour), Capacity: 20, TimeZone: "Europe/Berlin",
	}, d.now())
	if err != nil {
		d.Fatal(err)
	}
	if err := d.store.AddEvent(d.Context(), e); err != nil {
		d.Fatal(err)
	}
	return e
}

// approve lets the draft of a moment go out, and answers the post.
func (d *desk) approve(e event.Event, c post.Channel, moment string) post.Post {
	d.Helper()
	plans, err := d.s.Plans(d.Context(), e.ID)
	if err != nil {
		d.Fatal(err)
	}
	at := slices.IndexFunc(plans, func(p social.Plan) bool { return p.Channel.ID == c.ID && p.Moment == moment })
	p, err := d.s.Approve(d.Context(), e.ID, c.ID, moment, plans[at].Draft, "staff")
	if err != nil {
		d.Fatal(err)
	}
	return p
}

// work does what the relay and the bus do with everything that is due, and answers how many posts there were.
func (d *desk) work() int {
	d.Helper()
	if _, err := d.store.QueueDuePosts(d.Context(), 100, d.now()); err != nil {
		d.Fatal(err)
	}
	rows, err := d.store.ClaimOutbox(d.Context(), "test", 100, time.Minute, d.now())
	if err != nil {
		d.Fatal(err)
	}
	for _, row := range rows {
		var ids struct{ Post string }
		if err := json.Unmarshal(row.Payload, &ids); err != nil || row.Kind != "post.send" {
			d.Fatalf("%s %s %v", row.Kind, row.Payload, err)
		}
		if err := d.s.Handle(d.Context(), ids.Post); err != nil {
			d.Fatal(err)
		}
		if err := d.store.OutboxRelayed(d.Context(), []string{row.ID}, d.now()); err != nil {
			d.Fatal(err)
		}
	}
	return len(rows)
}

func (d *desk) reread(p post.Post) post.Post {
	d.Helper()
	p, err := d.store.Post(d.Context(), p.ID)
	if err != nil {
		d.Fatal(err)
	}
	return p
}

func TestAnAnnouncementGoesOutOnceToEachChannel(t *testing.T) {
	d := open(t)
	e := d.event()
	m, b := d.connect(post.Mastodon), d.connect(post.Bluesky)
	first, second := d.approve(e, m, post.Announced), d.approve(e, b, post.Announced)
	for range 3 {
		d.work()
		if err := errors.Join(d.s.Handle(t.Context(), first.ID), d.s.Handle(t.Context(), second.ID)); err != nil {
			t.Fatal(err)
		}
		d.set(d.now().Add(3 * time.Minute))
	}
	texts, records := d.mastodon.Texts(), d.bluesky.Records()
	if len(texts) != 1 || len(records) != 1 {
		t.Fatalf("%d on Mastodon, %d on Bluesky", len(texts), len(records))
	}
	want := "The Paper Lantern\n\nThursday, 3 December 2026, 13:00 CET \u00b7 online\n\nAn evening about light & paper.\n\n" + publicURL + "/events/" + e.Slug
	if texts[0] != want || !strings.Contains(string(records[0]), `"uri":"`+publicURL+"/events/"+e.Slug+`"`) {
		t.Errorf("text %q, record %s", texts[0], records[0])
	}
	for _, p := range []post.Post{d.reread(first), d.reread(second)} {
		if p.State != post.Sent || p.Attempts != 1 || p.Link == "" || p.Fault != "" {
			t.Errorf("%+v", p)
		}
	}
}

func TestTheHourBeforeFollowsTheEvent(t *testing.T) {
	d := open(t)
	e := d.event()
	c := d.connect(post.Mastodon)
	p := d.approve(e, c, post.HourBefore)
	d.set(e.StartsAt.Add(-time.Hour - time.Second))
	if n := d.work(); n != 0 {
		t.Fatalf("%d posts too early", n)
	}
	if _, err := d.store.MoveEvent(t.Context(), e.ID, e.StartsAt.Add(24*time.Hour), e.EndsAt.Add(24*time.Hour), d.now()); err != nil {
		t.Fatal(err)
	}
	d.set(e.StartsAt.Add(-time.Minute))
	if n := d.work(); n != 0 {
		t.Fatalf("%d posts for where the event was", n)
	}
	d.set(e.StartsAt.Add(23*time.Hour + time.Second))
	if n := d.work(); n != 1 || d.reread(p).State != post.Sent || !strings.HasPrefix(d.mastodon.Texts()[0], "In one hour: ") {
		t.Errorf("%d posts, %+v", n, d.reread(p))
	}
}

func TestAPostIsPointlessWhenItsEventIsOffOrHasBegun(t *testing.T) {
	for _, row := range []struct {
		rule, want string
		change     func(d *desk, e event.Event)
	}{
		{"the event was called off", post.FaultCancelled, func(d *desk, e event.Event) {
			if err := d.store.CancelEvent(d.Context(), e.ID, d.now()); err != nil {
				d.Fatal(err)
			}
			d.set(e.StartsAt.Add(-time.Minute))
		}},
		{"the event has begun", post.FaultTooLate, func(d *desk, e event.Event) { d.set(e.StartsAt) }},
	} {
		t.Run(row.rule, func(t *testing.T) {
			d := open(t)
			e := d.event()
			p := d.approve(e, d.connect(post.Mastodon), post.HourBefore)
			row.change(d, e)
			d.work()
			if p = d.reread(p); p.State != post.Failed || p.Fault != row.want || !p.NextAt.IsZero() || len(d.mastodon.Texts()) != 0 {
				t.Errorf("%+v", p)
			}
		})
	}
}

// drop answers nothing and closes the connection: the caller cannot know what became of its request.
func drop(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

func refuse(status int, header, value, body string) fakes.Break {
	return fakes.Break{Before: func(w http.ResponseWriter, _ *http.Request) bool {
		if header != "" {
			w.Header().Set(header, value)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
		return true
	}}
}

// Each row breaks the first attempt; then time passes as far as the post asks for, and the next attempt runs.
func TestFaultsPassOrStayAndNothingIsPostedTwice(t *testing.T) {
	lost := fakes.Break{After: drop}
	for _, row := range []struct {
		rule    string
		breaks  []fakes.Break
		state   string // after the first attempt
		fault   string
		pause   time.Duration // until the next attempt; 0 for none
		later   time.Duration // extra time before it
		arrives bool
	}{
		{"a rate limit waits as long as the service asks", []fakes.Break{refuse(429, "Retry-After", "300", "")}, post.Failed, post.FaultRateLimited, 5 * time.Minute, 0, true},
		{"a fault of the service passes", []fakes.Break{refuse(503, "", "", "")}, post.Unknown, post.FaultServer, 10 * time.Second, 0, true},
		{"an answer that is lost is asked for again under the same key", []fakes.Break{lost}, post.Unknown, post.FaultSilent, 10 * time.Second, 0, true},
		{"an answer that is lost is found again when the key is forgotten", []fakes.Break{lost}, post.Unknown, post.FaultSilent, 10 * time.Second, 2 * time.Hour, true},
		{"a token that was revoked needs somebody", []fakes.Break{refuse(401, "", "", `{"error":"InvalidToken"}`)}, post.Failed, post.FaultSignIn, 0, 0, false},
		{"a text that is refused needs somebody", []fakes.Break{refuse(422, "", "", `{"error":"Validation failed"}`)}, post.Failed, post.FaultRefused, 0, 0, false},
	} {
		for _, service := range []string{post.Mastodon, post.Bluesky} {
			t.Run(row.rule+" on "+service, func(t *testing.T) {
				d := open(t)
				p := d.approve(d.event(), d.connect(service), post.Announced)
				if service == post.Mastodon {
					d.mastodon.BreakNext(row.breaks...)
				} else {
					d.bluesky.BreakNext(row.breaks...)
				}
				d.work()
				p = d.reread(p)
				if p.State != row.state || p.Fault != row.fault || row.pause == 0 != p.NextAt.IsZero() {
					t.Fatalf("%+v", p)
				}
				if row.pause > 0 && p.NextAt.Sub(d.now()) != row.pause {
					t.Fatalf("next attempt after %v", p.NextAt.Sub(d.now()))
				}
				if row.pause > 0 {
					d.set(d.now().Add(row.pause - time.Second))
					if n := d.work(); n != 0 {
						t.Fatal("it did not wait")
					}
				}
				d.set(d.now().Add(time.Second + row.later))
				d.work()
				posted := len(d.mastodon.Texts()) + len(d.bluesky.Records())
				if p = d.reread(p); (p.State == post.Sent) != row.arrives || row.arrives && (posted != 1 || p.Link == "") {
					t.Errorf("%+v, %d posted", p, posted)
				}
			})
		}
	}
}

func TestAnAttemptThatACrashBrokeOffIsLookedUp(t *testing.T) {
	d := open(t)
	p := d.approve(d.event(), d.connect(post.Mastodon), post.Announced)
	if _, err := d.store.BeginPost(t.Context(), p.ID, d.now()); err != nil {
		t.Fatal(err)
	}
	if n := d.work(); n != 1 || len(d.mastodon.Texts()) != 0 {
		t.Fatalf("%d rows; the attempt under way was not left alone", n)
	}
	d.set(d.now().Add(3 * time.Minute))
	d.work()
	if p = d.reread(p); p.State != post.Sent || p.Attempts != 2 || len(d.mastodon.Texts()) != 1 {
		t.Errorf("%+v, %d posted", p, len(d.mastodon.Texts()))
	}
}

func TestARunOutSessionIsRenewed(t *testing.T) {
	d := open(t)
	c := d.connect(post.Bluesky)
	p := d.approve(d.event(), c, post.Announced)
	d.work()
	d.bluesky.Expire()
	q := d.approve(d.event(), c, post.Announced)
	d.work()
	if d.reread(p).State != post.Sent || d.reread(q).State != post.Sent {
		t.Errorf("%+v %+v", d.reread(p), d.reread(q))
	}
}

func TestConnectingSaysWhatIsWrong(t *testing.T) {
	d := open(t)
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	for _, row := range []struct {
		rule, service, server, handle, secret, want string
	}{
		{"a wrong token", post.Mastodon, d.servers[post.Mastodon], "", "bad", post.FaultSignIn},
		{"a wrong app password", post.Bluesky, d.servers[post.Bluesky], "library.test", "bad", post.FaultSignIn},
		{"another website", post.Mastodon, other.URL, "", "x", post.FaultNoService},
		{"another website for Bluesky", post.Bluesky, other.URL, "library.test", "x", post.FaultNoService},
		{"an address inside", post.Mastodon, "https://10.0.0.1", "", "x", post.FaultNotPublic},
		{"the metadata service", post.Bluesky, "http://169.254.169.254", "a.test", "x", post.FaultNotPublic},
		{"nobody there", post.Mastodon, "http://127.0.0.1:1", "", "x", post.FaultUnreachable},
	} {
		_, err := d.s.Connect(t.Context(), social.Connection{Service: row.service, Server: row.server, Handle: row.handle, Secret: row.secret})
		var f *post.Fault
		if !errors.As(err, &f) || f.Code != row.want {
			t.Errorf("%s: %v, want %s", row.rule, err, row.want)
		}
	}
	_, err := d.s.Connect(t.Context(), social.Connection{Service: post.Bluesky, Server: "https://a/b", Secret: " "})
	var ps event.Problems
	if !errors.As(err, &ps) || len(ps) != 3 {
		t.Errorf("%v", err)
	}
	if list, err := d.s.Channels(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
}

func TestCredentialsAreSealedAndErased(t *testing.T) {
	d := open(t)
	for _, service := range []string{post.Mastodon, post.Bluesky} {
		c := d.connect(service)
		_, sealed, err := d.store.Channel(t.Context(), c.ID)
		if err != nil || sealed == "" || strings.Contains(sealed, "good") {
			t.Errorf("%s: %q %v", service, sealed, err)
		}
		if again := d.connect(service); again.ID != c.ID {
			t.Errorf("%s: connecting again made another channel", service)
		}
		if found, err := d.s.Check(t.Context(), c.ID); err != nil || found.Fault != "" {
			t.Errorf("check: %+v %v", found, err)
		}
		p := d.approve(d.event(), c, post.HourBefore)
		if err := d.s.Disconnect(t.Context(), c.ID); err != nil {
			t.Fatal(err)
		}
		if _, sealed, err = d.store.Channel(t.Context(), c.ID); err != nil || sealed != "" {
			t.Errorf("%s: still %q %v", service, sealed, err)
		}
		if p = d.reread(p); p.State != post.Failed || p.Fault != post.FaultDisconnected {
			t.Errorf("%s: planned post is %s %s", service, p.State, p.Fault)
		}
	}
}

func TestACheckFindsARevokedToken(t *testing.T) {
	d := open(t)
	c := d.connect(post.Mastodon)
	d.mastodon.Token = "another"
	found, err := d.s.Check(t.Context(), c.ID)
	if err != nil || found.Fault != post.FaultSignIn || found.Account != c.Account || found.TextLimit != 500 {
		t.Errorf("%+v %v", found, err)
	}
}

func TestATextNeverGivesAPersonalLinkAway(t *testing.T) {
	d := open(t)
	e, c := d.event(), d.connect(post.Mastodon)
	for _, text := range []string{publicURL + "/join#abc", "see " + publicURL + "/my", "live.library.example/room/x", "HTTPS://LIVE.LIBRARY.EXAMPLE/JOIN#x", "(" + publicURL + "/staff)"} {
		_, err := d.s.Approve(t.Context(), e.ID, c.ID, post.Announced, text, "staff")
		var ps event.Problems
		if !errors.As(err, &ps) || ps[0].Code != post.FaultPrivateLink {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := d.s.Approve(t.Context(), e.ID, c.ID, post.Announced, strings.Repeat("x", 501), "staff"); err == nil {
		t.Error("501 characters were taken")
	}
	p := d.approve(e, c, post.Announced)
	d.work()
	if _, err := d.s.Approve(t.Context(), e.ID, c.ID, post.Announced, "another text", "staff"); !errors.Is(err, post.ErrOut) {
		t.Errorf("changing a text that is out: %v", err)
	}
	if err := d.s.Retry(context.Background(), p.ID); !errors.Is(err, post.ErrOut) {
		t.Errorf("retrying a text that is out: %v", err)
	}
}

func TestLengthsAreThePlatforms(t *testing.T) {
	raw, err := os.ReadFile("testdata/lengths.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Service, Text      string
		LinkLength, Length int
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if got := social.Measure(post.Channel{Service: row.Service, LinkLength: row.LinkLength})(row.Text); got != row.Length {
			t.Errorf("%s %q: %d, want %d", row.Service, row.Text, got, row.Length)
		}
	}
}
