package fakes

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Bluesky stands for one personal data server with one account.
type Bluesky struct {
	service
	Handle, Password string
	TakenDown        bool
	generation       int // of access tokens: only the newest works
	records          map[string]json.RawMessage
	order            []string
}

const blueskyDID = "did:plc:lyceumfakelyceumfakely22"

// NewBluesky makes a server with one account.
func NewBluesky(handle, password string, now func() time.Time) *Bluesky {
	return &Bluesky{service: service{now: now}, Handle: handle, Password: password, records: map[string]json.RawMessage{}}
}

// Records answers the posts, oldest first.
func (b *Bluesky) Records() []json.RawMessage {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []json.RawMessage
	for _, key := range b.order {
		out = append(out, b.records[key])
	}
	return out
}

// Expire makes every access token so far run out; refresh tokens stay good.
func (b *Bluesky) Expire() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.generation++
}

func xrpcError(w http.ResponseWriter, status int, name, message string) {
	answer(w, status, map[string]any{"error": name, "message": message})
}

// ServeHTTP answers the calls that Lyceum and @atproto/api make.
func (b *Bluesky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method, isXRPC := strings.CutPrefix(r.URL.Path, "/xrpc/")
	body, broken := b.take(r, method == "com.atproto.repo.putRecord")
	if broken.Before != nil && broken.Before(w, r) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	access := fmt.Sprintf("access-%d", b.generation)
	switch {
	case !isXRPC:
		http.NotFound(w, r)
	case r.Method != http.MethodPost:
		xrpcError(w, http.StatusMethodNotAllowed, "InvalidRequest", "Incorrect HTTP method (GET) expected POST")
	case method == "com.atproto.server.createSession":
		b.createSession(w, r, body)
	case method == "com.atproto.server.refreshSession" && bearer(r) == "refresh":
		b.session(w)
	case method == "com.atproto.server.refreshSession":
		xrpcError(w, http.StatusBadRequest, "InvalidToken", "Token could not be verified")
	case method != "com.atproto.repo.putRecord":
		xrpcError(w, http.StatusNotImplemented, "MethodNotImplemented", "Method Not Implemented")
	case bearer(r) == "":
		xrpcError(w, http.StatusUnauthorized, "AuthMissing", "Authentication Required")
	case strings.HasPrefix(bearer(r), "access-") && bearer(r) != access:
		xrpcError(w, http.StatusBadRequest, "ExpiredToken", "Token has expired")
	case bearer(r) != access:
		xrpcError(w, http.StatusBadRequest, "InvalidToken", "Token could not be verified")
	default:
		b.putRecord(w, r, body, broken)
	}
}

func (b *Bluesky) createSession(w http.ResponseWriter, r *http.Request, body []byte) {
	var in struct{ Identifier, Password string }
	switch {
	case !isJSON(r) || json.Unmarshal(body, &in) != nil:
		xrpcError(w, http.StatusBadRequest, "InvalidRequest", "Wrong request encoding")
	case in.Identifier == "" || in.Password == "":
		xrpcError(w, http.StatusBadRequest, "InvalidRequest", "Input must have the property identifier")
	case in.Identifier != b.Handle && in.Identifier != blueskyDID || in.Password != b.Password:
		xrpcError(w, http.StatusUnauthorized, "AuthenticationRequired", "Invalid identifier or password")
	case b.TakenDown:
		xrpcError(w, http.StatusUnauthorized, "AccountTakedown", "Account has been taken down")
	default:
		b.session(w)
	}
}

func (b *Bluesky) session(w http.ResponseWriter) {
	answer(w, http.StatusOK, map[string]any{
		"did": blueskyDID, "handle": b.Handle, "active": true, "accessJwt": fmt.Sprintf("access-%d", b.generation), "refreshJwt": "refresh",
	})
}

var tid = regexp.MustCompile(`^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$`)

func (b *Bluesky) putRecord(w http.ResponseWriter, r *http.Request, body []byte, broken Break) {
	var in struct {
		Repo, Collection, Rkey string
		Record                 json.RawMessage
	}
	if !isJSON(r) || json.Unmarshal(body, &in) != nil {
		xrpcError(w, http.StatusBadRequest, "InvalidRequest", "Wrong request encoding")
		return
	}
	wrong := ""
	switch {
	case in.Repo != blueskyDID && in.Repo != b.Handle:
		wrong = "Could not find repo"
	case in.Collection != "app.bsky.feed.post":
		wrong = "Unknown collection"
	case !tid.MatchString(in.Rkey):
		wrong = "Invalid record key: not a TID"
	default:
		wrong = badRecord(in.Record)
	}
	if wrong != "" {
		xrpcError(w, http.StatusBadRequest, "InvalidRequest", wrong)
		return
	}
	if _, there := b.records[in.Rkey]; !there {
		b.order = append(b.order, in.Rkey)
	}
	b.records[in.Rkey] = in.Record
	if broken.After != nil {
		broken.After(w)
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"uri": "at://" + blueskyDID + "/app.bsky.feed.post/" + in.Rkey, "cid": cid(in.Record), "validationStatus": "valid",
	})
}

// cid is a content identifier of the right shape (version 1, DAG-CBOR, SHA-256): SDKs refuse any other.
func cid(record []byte) string {
	sum := sha256.Sum256(record)
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(append([]byte{1, 0x71, 0x12, 0x20}, sum[:]...))
	return "b" + strings.ToLower(text)
}

// badRecord says how a post breaks the lexicon app.bsky.feed.post, or "".
func badRecord(raw json.RawMessage) string {
	var post struct {
		Type      string `json:"$type"`
		Text      *string
		Langs     []string
		CreatedAt string
		Facets    []struct {
			Index    struct{ ByteStart, ByteEnd *int }
			Features []struct {
				Type string `json:"$type"`
				URI  string
			}
		}
	}
	if json.Unmarshal(raw, &post) != nil || post.Type != "app.bsky.feed.post" || post.Text == nil {
		return "Invalid app.bsky.feed.post record: Record must have the property text"
	}
	text := *post.Text
	if _, err := time.Parse(time.RFC3339, post.CreatedAt); err != nil {
		return "Invalid app.bsky.feed.post record: Record/createdAt must be an valid atproto datetime"
	}
	if len(text) > 3000 || uniseg.GraphemeClusterCount(text) > 300 {
		return "Invalid app.bsky.feed.post record: Record/text must not be longer than 300 graphemes"
	}
	if len(post.Langs) > 3 {
		return "Invalid app.bsky.feed.post record: Record/langs must not have more than 3 elements"
	}
	for _, f := range post.Facets {
		start, end := f.Index.ByteStart, f.Index.ByteEnd
		if start == nil || end == nil || *start < 0 || *end <= *start || *end > len(text) || len(f.Features) == 0 {
			return "Invalid app.bsky.feed.post record: Record/facets/0/index is out of the text"
		}
		part := text[*start:*end]
		if !utf8.ValidString(part) || f.Features[0].Type == "app.bsky.richtext.facet#link" && f.Features[0].URI != part {
			return "Invalid app.bsky.feed.post record: Record/facets/0 does not cover its link"
		}
	}
	return ""
}
