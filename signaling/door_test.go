package signaling_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/golang-jwt/jwt/v5"

	"lyceum/rooms"
	"lyceum/rooms/token"
	"lyceum/signaling/wire"
)

// forge signs any claims and header with the site's key, except as changed.
type forge struct {
	claims jwt.MapClaims
	header map[string]any
	method jwt.SigningMethod
	key    any
}

func (r *rig) forged(change func(*forge)) string {
	r.t.Helper()
	now := time.Now().Unix()
	f := &forge{
		claims: jwt.MapClaims{
			"iss": issuer, "sub": "mallory", "aud": "room:" + room, "exp": now + 300, "nbf": now, "iat": now,
			"jti": "AAAAAAAAAAAAAAAAAAAAAA", "name": "Mallory Example", "person": "person-m", "role": "host",
		},
		header: map[string]any{"typ": "lyceum-room+jwt", "kid": "k1"},
		method: jwt.SigningMethodEdDSA, key: r.key.Private,
	}
	change(f)
	t := jwt.NewWithClaims(f.method, f.claims)
	for k, v := range f.header {
		t.Header[k] = v
	}
	signed, err := t.SignedString(f.key)
	must(r.t, err)
	return signed
}

// signed signs raw JSON, for what a library would not write.
func (r *rig) signed(header, claims string) string {
	enc := base64.RawURLEncoding
	text := enc.EncodeToString([]byte(header)) + "." + enc.EncodeToString([]byte(claims))
	return text + "." + enc.EncodeToString(ed25519.Sign(r.key.Private, []byte(text)))
}

func badTokens(r *rig) map[string]string {
	claim := func(name string, v any) string {
		return r.forged(func(f *forge) { f.claims[name] = v })
	}
	without := func(name string) string {
		return r.forged(func(f *forge) { delete(f.claims, name) })
	}
	good := r.mint("mallory", rooms.RoleHost)
	parts := strings.Split(good, ".")
	_, other, _ := ed25519.GenerateKey(nil)
	public := r.key.Private.Public().(ed25519.PublicKey)
	now := time.Now().Unix()
	plain := fmt.Sprintf(`"iss":%q,"sub":"mallory","exp":%d,"nbf":%d,"iat":%d,"jti":"AAAAAAAAAAAAAAAAAAAAAA","name":"M","person":"p","role":"host"`,
		issuer, now+300, now, now)
	head := `{"alg":"EdDSA","typ":"lyceum-room+jwt","kid":"k1"}`
	return map[string]string{
		"no token":       "",
		"one dot":        ".",
		"two dots":       "..",
		"8 KB of dots":   strings.Repeat(".", 8192),
		"2 KB of dots":   strings.Repeat(".", 2049),
		"not a token":    "let me in",
		"algorithm none": r.forged(func(f *forge) { f.method, f.key = jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType }),
		"HS256 with the public key": r.forged(func(f *forge) {
			f.method, f.key = jwt.SigningMethodHS256, []byte(public)
		}),
		"another site's key":      r.forged(func(f *forge) { f.key = other }),
		"unknown key id":          r.forged(func(f *forge) { f.header["kid"] = "k2" }),
		"key id with a path":      r.forged(func(f *forge) { f.header["kid"] = "../k1" }),
		"another type":            r.forged(func(f *forge) { f.header["typ"] = "JWT" }),
		"wrong issuer":            claim("iss", "http://elsewhere.test"),
		"wrong audience":          claim("aud", "staff"),
		"audience list":           claim("aud", []string{"room:" + room, "room:other"}),
		"empty room":              claim("aud", "room:"),
		"expired 61 s ago":        claim("exp", now-62),
		"no expiry":               without("exp"),
		"expiry as text":          claim("exp", fmt.Sprint(now+300)),
		"not before in an hour":   claim("nbf", now+3600),
		"life of a day":           claim("exp", now+86400),
		"no subject":              without("sub"),
		"no role":                 without("role"),
		"unknown role":            claim("role", "owner"),
		"duplicate claims":        r.signed(head, `{"aud":"room:other","aud":"room:`+room+`",`+plain+`}`),
		"duplicate role":          r.signed(head, `{"aud":"room:`+room+`","role":"attendee",`+plain+`}`),
		"duplicate header":        r.signed(`{"alg":"none",`+head[1:], `{"aud":"room:`+room+`",`+plain+`}`),
		"claims that are a list":  r.signed(head, `[]`),
		"signature cut":           good[:len(good)-4],
		"signature of another":    parts[0] + "." + parts[1] + "." + strings.Split(r.mint("bob", rooms.RoleAttendee), ".")[2],
		"four parts":              good + ".AAAA",
		"padded":                  good + "==",
		"space before":            " " + good,
		"bearer":                  "Bearer " + good,
		"critical header":         r.forged(func(f *forge) { f.header["crit"] = []string{"x"} }),
		"embedded key":            r.forged(func(f *forge) { f.header["jwk"] = map[string]string{"kty": "OKP"} }),
		"control character in id": claim("sub", "mal\nlory"),
	}
}

// Every bad token gets the same answer and learns nothing of the room.
func TestBadTokensAreAllTheSame(t *testing.T) {
	r := newRig(t)
	inside := r.rawIn("host", rooms.RoleHost)
	bad := badTokens(r)
	if len(bad) < 25 {
		t.Fatalf("%d bad tokens, want at least 25", len(bad))
	}
	for name, tok := range bad {
		t.Run(name, func(t *testing.T) {
			c := r.raw()
			text, err := json.Marshal(map[string]string{"type": "hello", "token": tok})
			must(t, err)
			c.send(string(text))
			messages, _, number := c.ending()
			if len(messages) != 1 || messages[0] != `{"type":"bye","code":"token"}` || number != 4401 {
				t.Errorf("got %q and %d, want the one bye and 4401", messages, number)
			}
			want := http.StatusUnauthorized
			if len(tok) > 4000 {
				want = http.StatusRequestHeaderFieldsTooLarge // Fiber's own limit, before any of our code
			}
			if got := r.post(t, "/whip/"+room, tok, "application/sdp", "v=0"); got != want {
				t.Errorf("whip answers %d, want %d", got, want)
			}
		})
	}
	// Nobody inside noticed anything.
	inside.send(`{"type":"ping","id":"after"}`)
	if kind, text := inside.read(); kind != "pong" {
		t.Errorf("host got %s, want the pong alone", text)
	}
}

// The token is read from the hello alone.
func TestTokenInTheAddressIsNotRead(t *testing.T) {
	r := newRig(t)
	c, res, err := dialPath(r, "/live?token="+r.mint("ada", rooms.RoleAttendee))
	must(t, err)
	_ = res.Body.Close()
	c.send(`{"type":"hello"}`)
	c.expectBye(wire.ByeToken)
	c = r.raw()
	c.send(`{"type":"command","id":"1","name":"hand.raise"}`)
	c.expectBye(wire.ByeToken)
}

// Pages of other sites are refused before the upgrade; programs, which send no Origin, are not.
func TestOrigin(t *testing.T) {
	r := newRig(t)
	for origin, want := range map[string]int{
		"":                     http.StatusSwitchingProtocols,
		r.url(""):              http.StatusSwitchingProtocols,
		"null":                 http.StatusForbidden,
		"http://evil.test":     http.StatusForbidden,
		"https://" + r.addr:    http.StatusForbidden,
		r.url("") + ".evil":    http.StatusForbidden,
		"http://127.0.0.1":     http.StatusForbidden,
		r.url("") + "/":        http.StatusForbidden,
		"file://":              http.StatusForbidden,
		"http://a@" + r.addr:   http.StatusForbidden,
		r.url("") + ", " + "x": http.StatusForbidden,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		if got := r.status(header); got != want {
			t.Errorf("origin %q: status %d, want %d", origin, got, want)
		}
	}
}

// What is not a websocket of our protocol is told so.
func TestUpgradeRequirements(t *testing.T) {
	r := newRig(t)
	res, err := r.http.Get(r.url("/live"))
	must(t, err)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("plain GET: %d, want 426", res.StatusCode)
	}
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, EnableCompression: true}
	ws, res, err := d.Dial(r.ws(), nil)
	must(t, err)
	_ = ws.Close()
	if res.Header.Get("Sec-WebSocket-Extensions") != "" || res.Header.Get("Sec-WebSocket-Protocol") != wire.Subprotocol {
		t.Errorf("negotiated %v, want lyceum.v1 and no extension", res.Header)
	}
	for _, protocols := range [][]string{nil, {"lyceum.v2"}, {"chat", "other"}} {
		if got := upgradeWith(r, protocols); got != http.StatusBadRequest {
			t.Errorf("subprotocols %v: %d, want 400", protocols, got)
		}
	}
}

// A token of another room opens that room and not this one.
func TestTokenOpensItsOwnRoom(t *testing.T) {
	r := newRig(t)
	r.rawIn("host", rooms.RoleHost)
	c := r.raw()
	tok := r.mintFor(token.Claims{Participant: "eve", Name: "Eve Example", Person: "person-eve", Room: "event-2", Role: rooms.RoleHost})
	hello, err := wire.Encode(wire.Hello{Token: tok})
	must(t, err)
	c.send(string(hello))
	text := c.expect("welcome")
	if strings.Contains(text, `"host"`+`,"name":"Demo host"`) || !strings.Contains(text, `"id":"event-2"`) {
		t.Errorf("welcome of another room: %s", text)
	}
}
