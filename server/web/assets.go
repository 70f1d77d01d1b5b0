package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// assets is the built frontend, held in memory: the files below assets/ and what
// Vite's manifest says about its entries.
type assets struct {
	files  map[string]file // by path below assets/
	chunks map[string]chunk
}

type file struct {
	body, packed []byte // packed is gzip, nil when it saves nothing
	mediaType    string
	tag          string
	hashed       bool // the name changes with the content
}

// chunk is the part of Vite's manifest that pages need.
type chunk struct {
	File    string   `json:"file"`
	Name    string   `json:"name"`
	IsEntry bool     `json:"isEntry"`
	CSS     []string `json:"css"`
	Imports []string `json:"imports"`
}

// loadAssets reads the built frontend. A tree that was never built has neither
// manifest nor files; the public pages work without them.
func loadAssets(built fs.FS) (*assets, error) {
	a := &assets{files: map[string]file{}, chunks: map[string]chunk{}}
	if built == nil {
		return a, nil
	}
	raw, err := fs.ReadFile(built, ".vite/manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return nil, fmt.Errorf("web: read the frontend's manifest: %w", err)
	}
	if err := json.Unmarshal(raw, &a.chunks); err != nil {
		return nil, fmt.Errorf("web: read the frontend's manifest: %w", err)
	}
	err = fs.WalkDir(built, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".gz") {
			return err
		}
		f, err := loadFile(built, name)
		a.files[strings.TrimPrefix(name, "assets/")] = f
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("web: read the built frontend: %w", err)
	}
	return a, nil
}

// hashedName is how Vite ends a file's name: eight characters of its content's hash.
var hashedName = regexp.MustCompile(`-[A-Za-z0-9_-]{8}\.[a-z0-9]+$`)

func loadFile(built fs.FS, name string) (file, error) {
	body, err := fs.ReadFile(built, name)
	if err != nil {
		return file{}, err
	}
	sum := sha256.Sum256(body)
	f := file{
		body: body, mediaType: mediaType(name), hashed: hashedName.MatchString(name),
		// weak, because the packed and the plain form share it (RFC 9110 section 8.8.1)
		tag: `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`,
	}
	if f.packed, err = fs.ReadFile(built, name+".gz"); err == nil || !packs(f.mediaType) {
		return f, nil
	}
	f.packed = pack(body)
	return f, nil
}

// pack returns body in gzip, or nil when that saves less than a tenth.
func pack(body []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := io.Copy(w, bytes.NewReader(body)); err != nil || w.Close() != nil || out.Len() > len(body)*9/10 {
		return nil
	}
	return out.Bytes()
}

func packs(mediaType string) bool {
	return strings.HasPrefix(mediaType, "text/") || strings.HasPrefix(mediaType, "application/") || mediaType == "image/svg+xml"
}

// mediaType knows the endings that a Vite build makes. The machine's own table
// differs from system to system, and nosniff makes a wrong type fatal.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".webp":
		return "image/webp"
	case ".avif":
		return "image/avif"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".wasm":
		return "application/wasm"
	case ".mp3":
		return "audio/mpeg"
	case ".ogg", ".opus":
		return "audio/ogg"
	case ".webm":
		return "video/webm"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

// entry returns the addresses of an entry's script and of every style sheet that
// it and what it imports need, ready for src and href. An unknown entry has none.
func (a *assets) entry(name string) (js string, css []string) {
	for key, c := range a.chunks {
		if c.IsEntry && c.Name == name {
			a.styles(key, map[string]bool{}, &css)
			return "/" + c.File, css
		}
	}
	return "", nil
}

// styles collects the style sheets of a chunk, what it imports first.
func (a *assets) styles(key string, seen map[string]bool, css *[]string) {
	if seen[key] {
		return
	}
	seen[key] = true
	for _, imported := range a.chunks[key].Imports {
		a.styles(imported, seen, css)
	}
	for _, sheet := range a.chunks[key].CSS {
		if !seen[sheet] {
			seen[sheet] = true
			*css = append(*css, "/"+sheet)
		}
	}
}

// mountAssets serves the files. Browsers keep a hashed file for ever, because
// other content has another name.
func (s *site) mountAssets(app *fiber.App) {
	app.Get("/assets/*", func(c *fiber.Ctx) error {
		f, known := s.assets.files[c.Params("*")]
		if !known {
			return fiber.ErrNotFound
		}
		c.Set(fiber.HeaderContentType, f.mediaType)
		c.Set(fiber.HeaderETag, f.tag)
		c.Set(fiber.HeaderCacheControl, "no-cache")
		if f.hashed {
			c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
		}
		if f.packed != nil {
			c.Vary(fiber.HeaderAcceptEncoding)
		}
		if c.Get(fiber.HeaderIfNoneMatch) == f.tag {
			return c.SendStatus(fiber.StatusNotModified)
		}
		if f.packed != nil && takesGzip(c.Get(fiber.HeaderAcceptEncoding)) {
			c.Set(fiber.HeaderContentEncoding, "gzip")
			return c.Send(f.packed)
		}
		return c.Send(f.body)
	})
}

// takesGzip reads Accept-Encoding. Without the header nothing is packed: Fiber's
// own reading would pack then.
func takesGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		coding, parameters, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			return !strings.HasPrefix(strings.ReplaceAll(parameters, " ", ""), "q=0") || strings.ContainsAny(parameters, "123456789")
		}
	}
	return false
}
