package web_test

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"lyceum/server/web"
)

// built is a small Vite build: two entries that share a chunk.
func built() fstest.MapFS {
	script := strings.Repeat("console.log(1);", 200)
	return fstest.MapFS{
		".vite/manifest.json": {Data: []byte(`{
			"src/room.ts": {"file": "assets/room-AbCdEf12.js", "name": "room", "isEntry": true, "imports": ["_ui-12345678.js"], "css": ["assets/room-aaaaaaaa.css"]},
			"src/public.ts": {"file": "assets/public-00000000.js", "name": "public", "isEntry": true, "imports": ["_ui-12345678.js"]},
			"_ui-12345678.js": {"file": "assets/ui-12345678.js", "name": "ui", "css": ["assets/ui-bbbbbbbb.css"]}
		}`)},
		"assets/room-AbCdEf12.js":        {Data: []byte(script)},
		"assets/public-00000000.js":      {Data: []byte("short")},
		"assets/ui-12345678.js":          {Data: []byte(script)},
		"assets/ui-bbbbbbbb.css":         {Data: []byte("body{}")},
		"assets/literata-1234abcd.woff2": {Data: []byte(strings.Repeat("font", 500))},
		"assets/plain.svg":               {Data: []byte("<svg/>")},
		"secret.txt":                     {Data: []byte("outside")},
	}
}

func TestBuiltFilesAreServedForEver(t *testing.T) {
	h := open(t, func(c *web.Config) { c.Assets = built() })
	for _, row := range []struct{ path, mediaType, cache string }{
		{"/assets/room-AbCdEf12.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/assets/ui-bbbbbbbb.css", "text/css; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/assets/literata-1234abcd.woff2", "font/woff2", "public, max-age=31536000, immutable"},
		{"/assets/plain.svg", "image/svg+xml", "no-cache"},
	} {
		a := h.do("GET", row.path, "")
		if a.status != 200 || a.header.Get("Content-Type") != row.mediaType || a.header.Get("Cache-Control") != row.cache || len(a.body) == 0 {
			t.Errorf("%s: %d %v", row.path, a.status, a.header)
		}
		if again := h.do("GET", row.path, "", with("If-None-Match", a.header.Get("ETag"))); again.status != 304 || len(again.body) != 0 {
			t.Errorf("%s again: %d", row.path, again.status)
		}
		if head := h.do("HEAD", row.path, ""); head.status != 200 || len(head.body) != 0 {
			t.Errorf("HEAD %s: %d", row.path, head.status)
		}
	}
	for _, path := range []string{"/assets/../secret.txt", "/assets/..%2fsecret.txt", "/assets/%2e%2e/secret.txt", "/assets/", "/assets/.vite/manifest.json"} {
		if a := h.do("GET", path, ""); a.status != 404 || strings.Contains(string(a.body), "outside") {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

func TestScriptsArePackedForWhoTakesIt(t *testing.T) {
	h := open(t, func(c *web.Config) { c.Assets = built() })
	for accept, want := range map[string]string{"gzip, deflate, br": "gzip", "": "", "identity": "", "gzip;q=0": "", "br, gzip;q=0.5": "gzip"} {
		a := h.do("GET", "/assets/room-AbCdEf12.js", "", with("Accept-Encoding", accept))
		if got := a.header.Get("Content-Encoding"); got != want || a.header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: Content-Encoding %q, want %q; Vary %q", accept, got, want, a.header.Get("Vary"))
		}
		if want == "" {
			continue
		}
		r, err := gzip.NewReader(strings.NewReader(string(a.body)))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(r); err != nil || len(plain) != 3000 {
			t.Errorf("%d bytes, %v", len(plain), err)
		}
	}
	if a := h.do("GET", "/assets/literata-1234abcd.woff2", "", with("Accept-Encoding", "gzip")); a.header.Get("Content-Encoding") != "" {
		t.Error("a font is packed twice")
	}
}

func TestPagesFindTheirEntryInTheManifest(t *testing.T) {
	h := open(t, func(c *web.Config) { c.Assets = built() })
	page := string(h.do("GET", "/join", "", with("Accept", "text/html")).body)
	for _, want := range []string{`"/assets/room-AbCdEf12.js"`, `"/assets/room-aaaaaaaa.css"`, `"/assets/ui-bbbbbbbb.css"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
}
