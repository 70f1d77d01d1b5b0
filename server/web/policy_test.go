package web_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lyceum/server/event"
	"lyceum/server/staff"
	"lyceum/server/web"
)

// The policy is one table; its print-out is reviewed like code.
func TestThePolicyIsTheReviewedOne(t *testing.T) { golden(t, "policy.txt", web.PolicyTable()) }

// routesOf lists "METHOD path" of every registered route, HEAD left out.
func routesOf(h *house) []string {
	var out []string
	for _, r := range h.app.GetRoutes(true) {
		if r.Method != "HEAD" {
			out = append(out, r.Method+" "+r.Path)
		}
	}
	return out
}

func TestEveryRouteHasAPolicyRowAndEveryRowARoute(t *testing.T) {
	h := open(t, func(c *web.Config) { c.Demo = true })
	var rows []string
	for line := range strings.Lines(web.PolicyTable()) {
		if fields := strings.Fields(line); fields[0] != "route" {
			rows = append(rows, fields[0]+" "+fields[1])
		}
	}
	registered := routesOf(h)
	for _, route := range registered {
		if !slices.Contains(rows, route) {
			t.Errorf("route %s has no row in the policy", route)
		}
	}
	for _, row := range rows {
		signaling := strings.Contains(row, " /live") || strings.Contains(row, " /whip/") || strings.Contains(row, " /whep/")
		if !signaling && !slices.Contains(registered, row) {
			t.Errorf("policy row %s has no route", row)
		}
	}
}

func TestEveryGetAnswersHeadToo(t *testing.T) {
	h := open(t, nil)
	for _, path := range []string{"/", "/events", "/api/events", "/api/openapi.json", "/healthz", "/readyz"} {
		get, head := h.do("GET", path, ""), h.do("HEAD", path, "")
		if head.status != get.status || len(head.body) != 0 {
			t.Errorf("HEAD %s: %d with %d bytes, want %d without any", path, head.status, len(head.body), get.status)
		}
	}
}

// Each row of the staff API is tried by every kind of visitor; the table alone
// says who passes. What passes may still be 404 or 422, but never 401 or 403.
func TestVisitorsPassExactlyWhereTheTableSaysYes(t *testing.T) {
	h := open(t, nil)
	e := h.event("Matrix", time.Hour, nil)
	sessions := map[string]string{"nobody": "", "ticket": ""}
	for _, right := range staff.Rights() {
		sessions[string(right)] = h.staff(string(right)+"@library.example", right)
	}
	_, ticket := h.seat(e, "reader@mail.example")
	table := strings.Split(strings.TrimSpace(web.PolicyTable()), "\n")
	columns := strings.Fields(table[0])[1:]
	tried := 0
	for _, line := range table[1:] {
		fields := strings.Fields(line)
		method, path := fields[0], fields[1]
		if !strings.HasPrefix(path, "/api/") || path == "/api/openapi.json" || method == "DELETE" {
			continue
		}
		path = strings.NewReplacer(":id", e.ID, ":event", e.ID).Replace(path)
		for i, who := range columns {
			a := h.as(method, path, who, ticket, sessions[who])
			passed := a.code() == "" || a.status != 401 && a.status != 403
			if strings.HasPrefix(path, "/api/staff/session") && a.code() == "code-refused" {
				passed = true
			}
			if want := fields[2+i] == "yes"; passed != want {
				t.Errorf("%s %s as %s: %d %s, want passed %v", method, path, who, a.status, a.code(), want)
			}
			tried++
		}
	}
	if tried < 80 {
		t.Errorf("tried only %d pairs", tried)
	}
}

// as sends an almost empty request as a kind of visitor.
func (h *house) as(method, path, who, ticket, session string) answer {
	body := ""
	if method != "GET" && !strings.HasSuffix(path, "/cancel") && !strings.HasSuffix(path, "/join") {
		body = `{}`
	}
	if strings.HasSuffix(path, "/session") {
		body = `{"code":"x"}`
	}
	switch {
	case who == "ticket":
		return h.do(method, path, body, bearer(ticket))
	case session != "":
		return h.do(method, path, body, signedIn(session))
	}
	return h.do(method, path, body)
}

func TestForeignAndUnknownIDsAreNotFound(t *testing.T) {
	h := open(t, nil)
	admin := h.staff("admin@library.example", staff.Admin)
	for _, request := range []string{
		"GET /api/events/no-such-event",
		"POST /api/staff/events/0b0e7c1e-0000-4000-8000-000000000000/cancel",
		"GET /api/staff/events/0b0e7c1e-0000-4000-8000-000000000000/registrations",
		"POST /api/rooms/no-such-event/join",
		"GET /api/nope", "GET /api", "POST /api/nope/deeper", "GET /assets/none.js", "GET /assets/../go.mod",
	} {
		method, path, _ := strings.Cut(request, " ")
		if a := h.do(method, path, "", signedIn(admin)); a.status != 404 || a.code() != "not-found" {
			t.Errorf("%s: %d %s", request, a.status, a.body)
		}
	}
	a := h.do("POST", "/api/events/no-such-event/registrations", `{"name":"Reader","email":"reader@mail.example"}`)
	if a.code() != "not-found" {
		t.Errorf("register for an unknown event: %d %s", a.status, a.body)
	}
}

// A GET never changes anything: every GET route is walked with a store that
// refuses to write, by a patron and by an administrator.
func TestNoGetChangesAnything(t *testing.T) {
	h := open(t, nil)
	e := h.event("Walked", time.Hour, nil)
	_, ticket := h.seat(e, "reader@mail.example")
	admin := h.staff("admin@library.example", staff.Admin)
	before := h.everything(e)
	poked := h.poked
	for _, route := range routesOf(h) {
		method, path, _ := strings.Cut(route, " ")
		if method != "GET" {
			continue
		}
		path = strings.NewReplacer(":id", e.ID, ":slug", e.Slug, ":event", e.ID, "*", "x").Replace(path)
		for _, who := range []string{"", "?ticket=" + ticket} {
			a := h.do("GET", path+who, "", bearer(ticket), with("Cookie", "lyceum="+admin))
			if a.status >= 500 && path != "/readyz" {
				t.Errorf("GET %s: %d %s", path, a.status, a.body)
			}
		}
	}
	if after := h.everything(e); after != before || h.poked != poked {
		t.Errorf("a GET changed something:\n%s\nbefore:\n%s", after, before)
	}
}

// everything is what the store holds, as text.
func (h *house) everything(e event.Event) string {
	h.t.Helper()
	ctx := h.t.Context()
	fresh, err := h.store.Event(ctx, e.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	registrations, err := h.store.RegistrationsOfEvent(ctx, e.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return dump(h.t, fresh, registrations)
}
