package fakes

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rivo/uniseg"
)

// Mastodon stands for one Mastodon server with one account.
type Mastodon struct {
	service
	Token    string // the token that may read and write
	ReadOnly string // a token without the right to write
	Max      int    // characters a status may have
	statuses []map[string]any
	keys     map[string]keyed
}

type keyed struct {
	status map[string]any
	at     time.Time
}

// keyKept is how long a server remembers an Idempotency-Key.
const keyKept = time.Hour

// NewMastodon makes a server for an account named library.
func NewMastodon(token string, now func() time.Time) *Mastodon {
	return &Mastodon{service: service{now: now}, Token: token, ReadOnly: token + "-read", Max: 500, keys: map[string]keyed{}}
}

// Texts answers what was posted, oldest first.
func (m *Mastodon) Texts() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for _, s := range m.statuses {
		out = append(out, s["text"].(string))
	}
	return out
}

// ServeHTTP answers the calls that Lyceum and masto make, and 404 to all others.
func (m *Mastodon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	posts := r.Method == http.MethodPost
	body, b := m.take(r, posts)
	if b.Before != nil && b.Before(w, r) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	token := bearer(r)
	switch {
	case r.Method == http.MethodGet && r.URL.Path == "/api/v2/instance":
		m.instance(w, r)
	case token != m.Token && token != m.ReadOnly:
		answer(w, http.StatusUnauthorized, map[string]any{"error": "The access token is invalid"})
	case r.Method == http.MethodGet && r.URL.Path == "/api/v1/accounts/verify_credentials":
		answer(w, http.StatusOK, map[string]any{"id": "1", "username": "library", "acct": "library", "url": "http://" + r.Host + "/@library"})
	case r.Method == http.MethodGet && r.URL.Path == "/api/v1/accounts/1/statuses":
		m.list(w, r)
	case posts && r.URL.Path == "/api/v1/statuses":
		m.create(w, r, body, b)
	default:
		answer(w, http.StatusNotFound, map[string]any{"error": "Record not found"})
	}
}

func (m *Mastodon) instance(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, map[string]any{"domain": r.Host, "version": "4.4.0", "configuration": map[string]any{
		"statuses": map[string]any{"max_characters": m.Max, "characters_reserved_per_url": 23, "max_media_attachments": 4},
	}})
}

func (m *Mastodon) list(w http.ResponseWriter, r *http.Request) {
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	if limit <= 0 || limit > 40 {
		limit = 20
	}
	list := []map[string]any{}
	newest := len(m.statuses) - 1
	if older, err := strconv.Atoi(r.URL.Query().Get("max_id")); err == nil { // ids count from 1
		newest = min(newest, older-2)
	}
	for i := newest; i >= 0 && len(list) < limit; i-- {
		list = append(list, m.statuses[i])
	}
	answer(w, http.StatusOK, list)
}

var webLinks = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,:;!?')]`)

func (m *Mastodon) create(w http.ResponseWriter, r *http.Request, body []byte, b Break) {
	if bearer(r) == m.ReadOnly {
		answer(w, http.StatusForbidden, map[string]any{"error": "This action is outside the authorized scopes"})
		return
	}
	var in struct{ Status, Visibility, Language string }
	if !isJSON(r) || json.Unmarshal(body, &in) != nil {
		answer(w, http.StatusBadRequest, map[string]any{"error": "There was an error parsing the JSON"})
		return
	}
	key := r.Header.Get("Idempotency-Key")
	if before, known := m.keys[key]; known && key != "" && m.now().Sub(before.at) < keyKept {
		m.reply(w, before.status, b)
		return
	}
	length := uniseg.GraphemeClusterCount(webLinks.ReplaceAllString(in.Status, strings.Repeat("x", 23)))
	switch {
	case strings.TrimSpace(in.Status) == "":
		answer(w, http.StatusUnprocessableEntity, map[string]any{"error": "Validation failed: Text can't be blank"})
		return
	case length > m.Max:
		answer(w, http.StatusUnprocessableEntity, map[string]any{"error": fmt.Sprintf("Validation failed: Text character limit of %d exceeded", m.Max)})
		return
	case in.Visibility != "" && in.Visibility != "public" && in.Visibility != "unlisted" && in.Visibility != "private":
		answer(w, http.StatusUnprocessableEntity, map[string]any{"error": "Validation failed: Visibility is not included in the list"})
		return
	}
	id := strconv.Itoa(len(m.statuses) + 1)
	status := map[string]any{
		"id": id, "text": in.Status, "content": markup(in.Status), "visibility": "public", "language": in.Language,
		"created_at": m.now().UTC().Format("2006-01-02T15:04:05.000Z"), "url": "http://" + r.Host + "/@library/" + id, "uri": "http://" + r.Host + "/users/library/statuses/" + id,
	}
	m.statuses = append(m.statuses, status)
	if key != "" {
		m.keys[key] = keyed{status, m.now()}
	}
	m.reply(w, status, b)
}

func (m *Mastodon) reply(w http.ResponseWriter, status map[string]any, b Break) {
	if b.After != nil {
		b.After(w)
		return
	}
	answer(w, http.StatusOK, status)
}

// markup is a status as Mastodon renders it: paragraphs, line breaks, and links with hidden parts.
func markup(text string) string {
	text = html.EscapeString(text)
	text = webLinks.ReplaceAllStringFunc(text, func(link string) string {
		scheme, rest, _ := strings.Cut(link, "://")
		cut := min(30, len(rest))
		return `<a href="` + link + `" target="_blank"><span class="invisible">` + scheme + `://</span><span class="ellipsis">` + rest[:cut] + `</span><span class="invisible">` + rest[cut:] + `</span></a>`
	})
	return "<p>" + strings.ReplaceAll(strings.ReplaceAll(text, "\n\n", "</p><p>"), "\n", "<br />") + "</p>"
}
