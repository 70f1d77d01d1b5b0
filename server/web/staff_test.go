package web_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lyceum/server/staff"
	"lyceum/server/store"
	"lyceum/server/web"
)

func TestASessionBeginsWithACodeThatWorksOnceAndEnds(t *testing.T) {
	h := open(t, nil)
	session := h.staff("admin@library.example", staff.Admin)
	me := h.do("GET", "/api/staff/me", "", signedIn(session)).json(t)
	if me["email"] != "admin@library.example" || !slices.Contains(me["may"].([]any), any("staff.write")) {
		t.Errorf("me: %v", me)
	}
	if a := h.do("POST", "/api/staff/session", `{"code":"not-a-code"}`); a.status != 401 || a.code() != "code-refused" || a.header.Get("Set-Cookie") != "" {
		t.Errorf("bad code: %d %s", a.status, a.body)
	}
	out := h.do("DELETE", "/api/staff/session", "", signedIn(session))
	if cookie := out.header.Get("Set-Cookie"); out.status != 204 || !strings.Contains(cookie, "Max-Age=0") {
		t.Errorf("sign out: %d %q", out.status, cookie)
	}
	if a := h.do("GET", "/api/staff/me", "", signedIn(session)); a.status != 401 || a.code() != "signed-out" {
		t.Errorf("after signing out: %d %s", a.status, a.body)
	}
	if a := h.do("DELETE", "/api/staff/session", ""); a.status != 204 {
		t.Errorf("signing out twice: %d %s", a.status, a.body)
	}
}

func TestASessionEndsAfterAWorkingDay(t *testing.T) {
	h := open(t, nil)
	session := h.staff("admin@library.example", staff.Admin)
	h.now = h.now.Add(12*time.Hour - time.Second)
	if a := h.do("GET", "/api/staff/me", "", signedIn(session)); a.status != 200 {
		t.Errorf("just before: %d", a.status)
	}
	h.now = h.now.Add(2 * time.Second)
	if a := h.do("GET", "/api/staff/me", "", signedIn(session)); a.code() != "signed-out" {
		t.Errorf("just after: %d %s", a.status, a.body)
	}
}

func TestTheCookieIsHostBoundOnHTTPS(t *testing.T) {
	for _, row := range []struct{ url, want string }{
		{"http://127.0.0.1:8080", "lyceum=S; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"},
		{"https://library.example", "__Host-lyceum=S; Path=/; Max-Age=43200; HttpOnly; Secure; SameSite=Lax"},
	} {
		h := open(t, func(c *web.Config) { c.PublicURL = row.url })
		if err := h.store.AddStaff(t.Context(), staff.Staff{ID: "1", Email: "a@library.example"}); err != nil {
			t.Fatal(err)
		}
		if err := h.store.AddSignInCode(t.Context(), "1", web.HashSecret("code"), h.now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		cookie := h.do("POST", "/api/staff/session", `{"code":"code"}`, with("Origin", row.url)).header.Get("Set-Cookie")
		name, rest, _ := strings.Cut(cookie, "=")
		value, attributes, _ := strings.Cut(rest, ";")
		if len(value) != 43 || name+"=S;"+attributes != row.want {
			t.Errorf("%s: %q", row.url, cookie)
		}
	}
}

func TestAskingForALinkSaysNothingAboutTheAddress(t *testing.T) {
	h := open(t, nil)
	h.staff("admin@library.example", staff.Admin)
	known := h.do("POST", "/api/staff/sign-in-link", `{"email":"admin@library.example"}`)
	unknown := h.do("POST", "/api/staff/sign-in-link", `{"email":"nobody@library.example"}`)
	if known.status != 202 || unknown.status != 202 || string(known.body) != string(unknown.body) || !slices.Equal(names(known), names(unknown)) {
		t.Errorf("known %d %q, unknown %d %q", known.status, known.body, unknown.status, unknown.body)
	}
	rows, err := h.store.ClaimOutbox(t.Context(), "test", 10, time.Minute, h.now)
	if err != nil || len(rows) != 1 || rows[0].Kind != "mail.sign-in" {
		t.Errorf("outbox %+v %v", rows, err)
	}
	if a := h.do("POST", "/api/staff/sign-in-link", `{"email":"x"}`); a.code() != "invalid" {
		t.Errorf("not an address: %d %s", a.status, a.body)
	}
}

func TestStaffAddCallOffAndReadEvents(t *testing.T) {
	h := open(t, nil)
	admin := signedIn(h.staff("admin@library.example", staff.Programmer))
	const draft = `{"title":"The Paper Lantern","summary":"","description":"","speaker":"","branch":"","kind":"author-talk","audience":"general",
		"format":"online","startsAt":"2026-12-03T19:00:00+01:00","minutes":90,"timeZone":"Europe/Berlin","capacity":40}`
	added := h.do("POST", "/api/staff/events", draft, admin)
	e := added.json(t)
	if added.status != 201 || added.header.Get("Location") != "/api/events/"+e["id"].(string) || e["endsAt"] != "2026-12-03T19:30:00Z" {
		t.Fatalf("add: %d %s", added.status, added.body)
	}
	again := h.do("POST", "/api/staff/events", draft, admin).json(t)
	if again["slug"] == e["slug"] {
		t.Errorf("two events share the slug %s", e["slug"])
	}
	wrong := h.do("POST", "/api/staff/events", `{"title":"","kind":"author-talk","startsAt":"2020-01-01T00:00:00Z","capacity":0,"format":"nowhere"}`, admin)
	var fields []string
	for _, item := range wrong.json(t)["errors"].([]any) {
		fields = append(fields, item.(map[string]any)["field"].(string)+" "+item.(map[string]any)["code"].(string))
	}
	if got := strings.Join(fields, ", "); got != "title required, format unknown, capacity out-of-range, startsAt in-the-past" {
		t.Errorf("wrong draft: %s", got)
	}

	id := e["id"].(string)
	h.do("POST", "/api/events/"+id+"/registrations", `{"name":"Reader One","email":"one@mail.example"}`)
	list := h.do("GET", "/api/staff/events/"+id+"/registrations", "", admin).json(t)["items"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["email"] != "one@mail.example" {
		t.Errorf("registrations: %v", list)
	}
	for _, c := range []struct {
		rule, body, want string
		status           int
	}{
		{"another start keeps the length", `{"startsAt":"2026-12-04T19:00:00+01:00"}`, "2026-12-04T19:30:00Z", 200},
		{"start and length", `{"startsAt":"2026-12-05T19:00:00+01:00","minutes":30}`, "2026-12-05T18:30:00Z", 200},
		{"not into the past", `{"startsAt":"2020-01-01T00:00:00Z"}`, "startsAt in-the-past", 422},
		{"not endless", `{"startsAt":"2026-12-05T18:00:00Z","minutes":100000}`, "minutes out-of-range", 422},
	} {
		a := h.do("PATCH", "/api/staff/events/"+id, c.body, admin)
		said, _ := a.json(t)["endsAt"].(string)
		if a.status == 422 {
			first := a.json(t)["errors"].([]any)[0].(map[string]any)
			said = first["field"].(string) + " " + first["code"].(string)
		}
		if a.status != c.status || said != c.want {
			t.Errorf("%s: %d %s", c.rule, a.status, a.body)
		}
	}
	off := h.do("POST", "/api/staff/events/"+id+"/cancel", "{}", admin)
	if off.status != 200 || off.json(t)["status"] != "cancelled" {
		t.Errorf("cancel: %d %s", off.status, off.body)
	}
	if a := h.do("POST", "/api/staff/events/"+id+"/cancel", "{}", admin); a.status != 200 {
		t.Errorf("cancel twice: %d %s", a.status, a.body)
	}
	if a := h.do("PATCH", "/api/staff/events/"+id, `{"startsAt":"2026-12-06T18:00:00Z"}`, admin); a.status != 409 || a.code() != "event-cancelled" {
		t.Errorf("move a cancelled event: %d %s", a.status, a.body)
	}
	if events := h.do("GET", "/api/staff/events", "", admin).json(t)["items"].([]any); len(events) != 2 {
		t.Errorf("%d events", len(events))
	}
}

func TestTheOutboxMasksLinksExceptInTheDemo(t *testing.T) {
	for _, demo := range []bool{false, true} {
		h := open(t, func(c *web.Config) { c.Demo = demo })
		e := h.event("Mailed", time.Hour, nil)
		r, ticket := h.seat(e, "one@mail.example")
		_, err := h.store.BeginDelivery(t.Context(), store.Delivery{ID: "1", Kind: "mail.registration", Channel: "email",
			Recipient: "one@mail.example", Subject: "Your seat", EventID: e.ID, RegistrationID: r.ID}, h.now)
		if err != nil {
			t.Fatal(err)
		}
		admin := signedIn(h.staff("admin@library.example", staff.Outreach))
		items := h.do("GET", "/api/staff/outbox", "", admin).json(t)["items"].([]any)
		item := items[0].(map[string]any)
		want := publicURL + "/join#••••"
		if demo {
			want = publicURL + "/join#" + ticket
		}
		if item["link"] != want || item["state"] != "sending" || item["recipient"] != "one@mail.example" {
			t.Errorf("demo %v: %v", demo, item)
		}
	}
}

// mask replaces values that differ from run to run: old, new, old, new, ...
func mask(text string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }
