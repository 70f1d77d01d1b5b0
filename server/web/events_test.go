package web_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lyceum/server/event"
)

func TestEventsComeByStartInPages(t *testing.T) {
	h := open(t, nil)
	for i := range 5 {
		h.event(fmt.Sprintf("Talk %d", 5-i), time.Duration(5-i)*time.Hour, nil)
	}
	h.event("Live", -time.Minute, nil)
	var titles []string
	next := ""
	for range 4 {
		a := h.do("GET", "/api/events?limit=2&after="+next, "").json(t)
		for _, item := range a["items"].([]any) {
			titles = append(titles, item.(map[string]any)["title"].(string))
		}
		if next, _ = a["next"].(string); next == "" {
			break
		}
	}
	if want := []string{"Live", "Talk 1", "Talk 2", "Talk 3", "Talk 4", "Talk 5"}; !slices.Equal(titles, want) {
		t.Errorf("%v, want %v", titles, want)
	}
}

func TestAnEmptyListIsAListNotNull(t *testing.T) {
	h := open(t, nil)
	if a := h.do("GET", "/api/events", ""); strings.TrimSpace(string(a.body)) != `{"items":[],"next":""}` {
		t.Errorf("%s", a.body)
	}
}

func TestAnEventIsShownWhole(t *testing.T) {
	h := open(t, nil)
	e := h.event("The Paper Lantern", -time.Minute, func(d *event.Draft) { d.Speaker, d.TimeZone = "A. Writer", "Europe/Berlin" })
	h.seat(e, "one@mail.example")
	golden(t, "event.json", mask(dump(t, h.do("GET", "/api/events/"+e.Slug, "").json(t)), e.ID, "EVENT"))
}

func TestTheAPIDescribesItself(t *testing.T) {
	h := open(t, nil)
	a := h.do("GET", "/api/openapi.json", "")
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			Responses map[string]struct{ Content map[string]any }
		}
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(a.body, &doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Fatalf("%v: %.200s", err, a.body)
	}
	operations := 0
	for path, methods := range doc.Paths {
		for method, op := range methods {
			operations++
			for status, response := range op.Responses {
				if _, problem := response.Content["application/problem+json"]; problem != (status >= "400") {
					t.Errorf("%s %s answers %s with %v", method, path, status, response.Content)
				}
			}
		}
	}
	if operations != 31 {
		t.Errorf("%d operations described", operations)
	}
	for _, stray := range []string{"ErrorModel", "ErrorDetail", "$schema"} {
		if strings.Contains(string(a.body), stray) {
			t.Errorf("the description mentions %s", stray)
		}
	}
	if _, described := doc.Components.Schemas["Problem"]; !described {
		t.Error("problems are not described")
	}
	if events := h.do("GET", "/api/events", ""); strings.Contains(string(events.body), "$schema") || events.header.Get("Link") != "" {
		t.Errorf("a body carries a schema link: %s", events.body)
	}
	for _, path := range []string{"/docs", "/openapi.json", "/openapi.yaml", "/schemas/Event.json"} {
		if a := h.do("GET", path, ""); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}
