package web_test

import (
	"testing"
	"testing/fstest"
	"time"

	"lyceum/server/web"
)

func TestAWebsiteThatCannotWorkDoesNotStart(t *testing.T) {
	for name, spoil := range map[string]func(*web.Config){
		"no store":                    func(c *web.Config) { c.Store = nil },
		"no bans":                     func(c *web.Config) { c.Bans = nil },
		"no rooms":                    func(c *web.Config) { c.Rooms = nil },
		"a short site key":            func(c *web.Config) { c.Keys.Site = c.Keys.Site[:16] },
		"a public URL with a path":    func(c *web.Config) { c.PublicURL = "https://library.example/events" },
		"a public URL without scheme": func(c *web.Config) { c.PublicURL = "library.example" },
		"a public URL of ftp":         func(c *web.Config) { c.PublicURL = "ftp://library.example" },
		"a broken public URL":         func(c *web.Config) { c.PublicURL = "https://[" },
		"a proxy that is a name":      func(c *web.Config) { c.TrustedProxies = []string{"proxy.example"} },
		"a broken manifest": func(c *web.Config) {
			c.Assets = fstest.MapFS{".vite/manifest.json": {Data: []byte("{")}}
		},
		"an unreadable catalogue": func(c *web.Config) { c.Messages = []byte("{") },
		"no house":                func(c *web.Config) { c.House = nil },
	} {
		t.Run(name, func(t *testing.T) {
			var config web.Config
			open(t, func(c *web.Config) { config = *c })
			spoil(&config)
			if _, err := web.New(config); err == nil {
				t.Error("it started")
			}
		})
	}
}

// Browsers leave the scheme's own port out of Origin and write hosts in lower case.
func TestTheOwnOriginIsReadAsBrowsersWriteIt(t *testing.T) {
	for url, origin := range map[string]string{
		"https://Library.Example:443/": "https://library.example",
		"http://127.0.0.1:80":          "http://127.0.0.1",
		"https://library.example:8443": "https://library.example:8443",
		"http://[::1]:8080":            "http://[::1]:8080",
	} {
		h := open(t, func(c *web.Config) { c.PublicURL = url })
		if a := h.do("DELETE", "/api/staff/session", "", with("Origin", origin)); a.status != 204 {
			t.Errorf("%s with Origin %s: %d %s", url, origin, a.status, a.body)
		}
	}
}

func TestTheFormGivesASeatBackLikeTheAPI(t *testing.T) {
	h := open(t, nil)
	e := h.event("Given back", time.Hour, nil)
	_, ticket := h.seat(e, "one@mail.example")
	form := with("Content-Type", "application/x-www-form-urlencoded")
	if a := h.do("POST", "/my/cancel", "sure=yes&ticket="+ticket, form); a.status != 303 {
		t.Fatalf("%d %.300s", a.status, a.body)
	}
	if a := h.do("GET", "/api/registration", "", bearer(ticket)); a.code() != "ticket-refused" {
		t.Errorf("the ticket still works: %d", a.status)
	}
	if left, err := h.store.Event(t.Context(), e.ID); err != nil || left.Taken != 0 || h.poked != 2 {
		t.Errorf("taken %d, poked %d, %v", left.Taken, h.poked, err)
	}
}
