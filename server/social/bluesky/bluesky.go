// Package bluesky speaks the part of the AT Protocol that posting needs (docs.bsky.app, read November 2026): sessions from
// an app password, and one record put under a key of our own.
//
// The record's key is a TID made from the post, so putting it again replaces the record by itself: nothing can double,
// however late the repetition. Links in the text are facets with offsets in UTF-8 bytes. It was never verified live; a strict
// fake and the requests of the npm package @atproto/api stand in for the service.
package bluesky

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"lyceum/server/post"
	"lyceum/server/social/call"
)

// MaxText is the longest text in graphemes (lexicon app.bsky.feed.post).
const MaxText = 300

const collection = "app.bsky.feed.post"

// Client is one account on one service. It keeps its session, since making one is limited to 30 in five minutes.
type Client struct {
	HTTP       call.Doer
	Server     string // origin
	Identifier string // handle or DID
	Password   string // an app password
	Now        func() time.Time

	mu      sync.Mutex // guards session
	session Session
}

// Session is a signed-in account.
type Session struct {
	DID     string `json:"did"`
	Handle  string `json:"handle"`
	Access  string `json:"accessJwt"`
	Refresh string `json:"refreshJwt"`
	Active  *bool  `json:"active"`
}

// SignIn makes a session and so tells whether the app password is good.
func (c *Client) SignIn(ctx context.Context) (Session, error) {
	body := struct {
		Identifier string `json:"identifier"`
		Password   string `json:"password"`
	}{c.Identifier, c.Password}
	return c.enter(ctx, "com.atproto.server.createSession", nil, body)
}

func (c *Client) enter(ctx context.Context, method string, header map[string]string, body any) (Session, error) {
	a, err := call.JSON(ctx, c.HTTP, http.MethodPost, c.Server+"/xrpc/"+method, header, body, c.Now())
	if err != nil {
		return Session{}, meaning(a, err)
	}
	var s Session
	if err := a.Read(&s); err != nil {
		return Session{}, err
	}
	switch {
	case s.DID == "" || s.Access == "":
		return Session{}, &post.Fault{Code: post.FaultNoService}
	case s.Active != nil && !*s.Active:
		return Session{}, &post.Fault{Code: post.FaultAccount}
	}
	c.mu.Lock()
	c.session = s
	c.mu.Unlock()
	return s, nil
}

// current is the session in use, made when there is none.
func (c *Client) current(ctx context.Context) (Session, error) {
	c.mu.Lock()
	s := c.session
	c.mu.Unlock()
	if s.Access != "" {
		return s, nil
	}
	return c.SignIn(ctx)
}

// renew replaces an access token that has run out, with the refresh token or else the password.
func (c *Client) renew(ctx context.Context, old Session) (Session, error) {
	s, err := c.enter(ctx, "com.atproto.server.refreshSession", map[string]string{"Authorization": "Bearer " + old.Refresh}, nil)
	var f *post.Fault
	if errors.As(err, &f) && !f.Passing {
		return c.SignIn(ctx)
	}
	return s, err
}

// Record is a post as the lexicon has it.
type Record struct {
	Type      string   `json:"$type"`
	Text      string   `json:"text"`
	Facets    []Facet  `json:"facets,omitempty"`
	Langs     []string `json:"langs"`
	CreatedAt string   `json:"createdAt"`
}

// Facet marks one link: byte offsets into the UTF-8 text, the end exclusive.
type Facet struct {
	Index    Slice     `json:"index"`
	Features []Feature `json:"features"`
}

// Slice is a range of bytes.
type Slice struct {
	Start int `json:"byteStart"`
	End   int `json:"byteEnd"`
}

// Feature is what a facet's text is.
type Feature struct {
	Type string `json:"$type"`
	URI  string `json:"uri"`
}

var links = regexp.MustCompile(`https?://[^\s<>"]+`)

// NewRecord makes the record for a text.
func NewRecord(text, language string, at time.Time) Record {
	r := Record{Type: collection, Text: text, Langs: []string{language}, CreatedAt: at.UTC().Format("2006-01-02T15:04:05.000Z")}
	for _, span := range links.FindAllStringIndex(text, -1) {
		uri := strings.TrimRight(text[span[0]:span[1]], ".,:;!?'\u2026)")
		r.Facets = append(r.Facets, Facet{
			Index:    Slice{span[0], span[0] + len(uri)},
			Features: []Feature{{"app.bsky.richtext.facet#link", uri}},
		})
	}
	return r
}

// Key is the record's key for a post: a TID (atproto.com/specs/tid), 53 bits of microseconds and 10 bits that tell posts
// of one microsecond apart. The same post has the same key for ever.
func Key(id string, created time.Time) string {
	const digits = "234567abcdefghijklmnopqrstuvwxyz"
	sum := sha256.Sum256([]byte(id))
	value := uint64(created.UnixMicro())<<10 | uint64(binary.BigEndian.Uint16(sum[:2])&0x3ff)
	key := make([]byte, 13)
	for i := range key {
		key[12-i] = digits[value&31]
		value >>= 5
	}
	return string(key)
}

// put is the body of putRecord, its fields in the order of the SDK's users.
type put struct {
	Repo       string `json:"repo"`
	Collection string `json:"collection"`
	Key        string `json:"rkey"`
	Record     Record `json:"record"`
}

// Post puts the record under the key and answers where it can be read.
func (c *Client) Post(ctx context.Context, key string, record Record) (string, error) {
	s, err := c.current(ctx)
	if err != nil {
		return "", unsent(err)
	}
	err = c.put(ctx, s, key, record)
	if errors.Is(err, errExpired) {
		if s, err = c.renew(ctx, s); err != nil {
			return "", unsent(err)
		}
		err = c.put(ctx, s, key, record)
	}
	if err != nil {
		return "", err
	}
	return "https://bsky.app/profile/" + url.PathEscape(s.Handle) + "/post/" + key, nil
}

// unsent is a fault of signing in: the record itself did not go out.
func unsent(err error) error {
	var f *post.Fault
	if errors.As(err, &f) && f.Maybe {
		return &post.Fault{Code: post.FaultUnreachable, Passing: true, After: f.After, Cause: f.Cause}
	}
	return err
}

func (c *Client) put(ctx context.Context, s Session, key string, record Record) error {
	a, err := call.JSON(ctx, c.HTTP, http.MethodPost, c.Server+"/xrpc/com.atproto.repo.putRecord",
		map[string]string{"Authorization": "Bearer " + s.Access}, put{s.DID, collection, key, record}, c.Now())
	if err != nil {
		return meaning(a, err)
	}
	var made struct {
		URI string `json:"uri"`
	}
	if err := a.Read(&made); err != nil || made.URI == "" {
		return &post.Fault{Code: post.FaultSilent, Passing: true, Maybe: true, Cause: err}
	}
	return nil
}

var errExpired = errors.New("bluesky: the access token has run out")

// meaning reads the name of an XRPC error, which says more than its status.
func meaning(a call.Answer, err error) error {
	var named struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(a.Body, &named) != nil {
		return err
	}
	switch named.Error {
	case "ExpiredToken":
		return &post.Fault{Code: post.FaultSignIn, Cause: errExpired}
	case "AuthenticationRequired", "AuthMissing", "InvalidToken", "AuthFactorTokenRequired":
		return &post.Fault{Code: post.FaultSignIn, Cause: errors.New(named.Error)}
	case "AccountTakedown", "AccountDeactivated", "AccountSuspended":
		return &post.Fault{Code: post.FaultAccount, Cause: errors.New(named.Error)}
	}
	return err
}
