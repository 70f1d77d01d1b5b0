// Package frontend carries the built web pages inside the Go binary: the room,
// the console and the small islands of the public pages, as Vite left them in
// dist/, and the catalogue of texts that the server's own pages read. It knows
// nothing of HTTP: server/web finds an entry by its name in the manifest
// (.vite/manifest.json, names "room", "console" and "public") and serves the
// folder assets/ below /assets/. A tree that was never built with npm still
// compiles, because dist/placeholder.txt is committed; then there is no manifest
// and only the public pages work, without their style.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

//go:embed messages/public.en.json
var messages []byte

// Dist is the folder that Vite built: .vite/manifest.json and assets/.
func Dist() fs.FS {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		// Only a folder name that is not a valid path can fail here, and this one is a constant.
		panic("frontend: open the built pages: " + err.Error())
	}
	return built
}

// Messages is the catalogue of the public pages: a flat JSON object of texts
// with {name} placeholders. The room and the console carry theirs in their code.
func Messages() []byte { return messages }
