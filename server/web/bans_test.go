package web_test

import (
	"strings"
	"testing"
	"time"

	"lyceum/server/staff"
	"lyceum/server/web"
)

func TestHostsSeeAndLiftBansWithoutSeeingPersons(t *testing.T) {
	h := open(t, nil)
	h.rooms.bans = []web.Ban{
		{Scope: "site", Person: "hash-one", Room: "e1", EventTitle: "Author talk", Name: "Name One", By: "Host Example", At: h.now, Until: h.now.Add(time.Hour)},
		{Scope: "e1", Person: "hash-two", Room: "e1", EventTitle: "Author talk", Name: "Name Two", At: h.now, Until: h.now.Add(time.Hour)},
	}
	host := h.staff("host@library.example", staff.Host)
	list := func() []any {
		t.Helper()
		a := h.do("GET", "/api/staff/bans", "", signedIn(host))
		if a.status != 200 || strings.Contains(string(a.body), "hash-") {
			t.Fatalf("list: %d %s", a.status, a.body)
		}
		return a.json(t)["items"].([]any)
	}
	items := list()
	first, second := items[0].(map[string]any), items[1].(map[string]any)
	if len(items) != 2 || first["scope"] != "site" || first["name"] != "Name One" || first["by"] != "Host Example" ||
		second["scope"] != "event" || second["eventTitle"] != "Author talk" {
		t.Errorf("listed %v", items)
	}
	path := "/api/staff/bans/" + first["id"].(string)
	outreach := h.staff("outreach@library.example", staff.Outreach)
	if a := h.do("DELETE", path, "", signedIn(outreach)); a.status != 403 || len(list()) != 2 {
		t.Errorf("outreach lifts: %d", a.status)
	}
	if a := h.do("DELETE", path, ""); a.status != 401 {
		t.Errorf("nobody lifts: %d", a.status)
	}
	if a := h.do("DELETE", path, "", signedIn(host)); a.status != 204 || len(list()) != 1 {
		t.Errorf("host lifts: %d %s", a.status, a.body)
	}
	if a := h.do("DELETE", path, "", signedIn(host)); a.status != 404 {
		t.Errorf("again: %d", a.status)
	}
}
