package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"lyceum/server/web"
)

// Every route that the assembled site answers, signalling and demo included, has
// a row in the policy table, and every row has its route: what is not in the
// table cannot be reached, because this does not pass.
func TestEveryRouteOfTheSiteHasAPolicy(t *testing.T) {
	cfg, err := readConfig(demoEnv(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	s, err := assemble(t.Context(), console{out: &bytes.Buffer{}, err: &bytes.Buffer{}, now: time.Now}, cfg, true)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	var rows, routes []string
	for line := range strings.Lines(web.PolicyTable()) {
		if f := strings.Fields(line); f[0] != "route" {
			rows = append(rows, f[0]+" "+f[1])
		}
	}
	for _, r := range s.app.GetRoutes(true) {
		if r.Method != "HEAD" {
			routes = append(routes, r.Method+" "+r.Path)
		}
	}
	for _, route := range routes {
		if !slices.Contains(rows, route) && !refuses(t, s, route) {
			t.Errorf("route %s has no policy", route)
		}
	}
	for _, row := range rows {
		if !slices.Contains(routes, row) {
			t.Errorf("the policy speaks of %s, which is no route", row)
		}
	}
}

// refuses reports whether the route is one of those by which signaling itself
// answers 405, or 204 to OPTIONS, to methods that its addresses do not have.
func refuses(t *testing.T, s *site, route string) bool {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	if !strings.HasPrefix(path, "/whip/") && !strings.HasPrefix(path, "/whep/") {
		return false
	}
	res, err := s.app.Test(httptest.NewRequest(method, strings.NewReplacer(":", "").Replace(path), nil))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusMethodNotAllowed || method == http.MethodOptions && res.StatusCode == http.StatusNoContent
}
