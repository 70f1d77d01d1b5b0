package token_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"lyceum/rooms/token"
)

const goodHeader = `{"alg":"EdDSA","typ":"lyceum-room+jwt","kid":"k1"}`

// payload is a good one with some members replaced; an empty value leaves the
// member out.
func payload(replace ...string) string {
	now := t0.Unix()
	members := [][2]string{
		{"iss", `"` + issuer + `"`}, {"sub", `"reg-1"`}, {"aud", `"room:event-1"`},
		{"exp", fmt.Sprint(now + 300)}, {"nbf", fmt.Sprint(now)}, {"iat", fmt.Sprint(now)},
		{"jti", `"0123456789abcdef"`}, {"name", `"Ada Example"`}, {"person", `"hash_1"`}, {"role", `"speaker"`},
	}
	for i := 0; i < len(replace); i += 2 {
		known := false
		for j := range members {
			if members[j][0] == replace[i] {
				members[j][1], known = replace[i+1], true
			}
		}
		if !known {
			members = append(members, [2]string{replace[i], replace[i+1]})
		}
	}
	var parts []string
	for _, m := range members {
		if m[1] != "" {
			parts = append(parts, fmt.Sprintf("%q:%s", m[0], m[1]))
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// sign makes a token of any header and payload with the right key.
func sign(header, payload string) string {
	signed := b64(header) + "." + b64(payload)
	return signed + "." + b64(string(ed25519.Sign(mustKey("k1", 'a').Private, []byte(signed))))
}

func signHMAC(header, payload string, key []byte) string {
	signed := b64(header) + "." + b64(payload)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + b64(string(mac.Sum(nil)))
}

func signRSA(t *testing.T, header, payload string) string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signed := b64(header) + "." + b64(payload)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + b64(string(signature))
}

type vector struct{ name, token string }

// vectors are tokens that must all be refused, each with one fault.
func vectors(t *testing.T) []vector {
	good := sign(goodHeader, payload())
	public := publicOf(mustKey("k1", 'a'))["k1"]
	now := t0.Unix()
	head := func(h string) string { return sign(h, payload()) }
	body := func(replace ...string) string { return sign(goodHeader, payload(replace...)) }
	parts := strings.Split(good, ".")
	vs := []vector{
		{"empty", ""},
		{"one dot", "."},
		{"two dots", ".."},
		{"8 KB of dots", strings.Repeat(".", 8<<10)},
		{"a megabyte", strings.Repeat("a", 1<<20)},
		{"not a token", "hello"},
		{"alg none without signature", b64(`{"alg":"none","typ":"lyceum-room+jwt","kid":"k1"}`) + "." + b64(payload()) + "."},
		{"alg none with the signature", head(`{"alg":"none","typ":"lyceum-room+jwt","kid":"k1"}`)},
		{"alg None", head(`{"alg":"None","typ":"lyceum-room+jwt","kid":"k1"}`)},
		{"HS256 with the public key", signHMAC(`{"alg":"HS256","typ":"lyceum-room+jwt","kid":"k1"}`, payload(), public)},
		{"HS256 under an EdDSA header", signHMAC(goodHeader, payload(), public)},
		{"RS256", signRSA(t, `{"alg":"RS256","typ":"lyceum-room+jwt","kid":"k1"}`, payload())},
		{"alg in lower case", head(`{"alg":"eddsa","typ":"lyceum-room+jwt","kid":"k1"}`)},
		{"no alg", head(`{"typ":"lyceum-room+jwt","kid":"k1"}`)},
		{"no typ", head(`{"alg":"EdDSA","kid":"k1"}`)},
		{"plain JWT typ", head(`{"alg":"EdDSA","typ":"JWT","kid":"k1"}`)},
		{"no kid", head(`{"alg":"EdDSA","typ":"lyceum-room+jwt"}`)},
		{"odd kid", head(`{"alg":"EdDSA","typ":"lyceum-room+jwt","kid":"../../etc/passwd"}`)},
		{"empty kid", head(`{"alg":"EdDSA","typ":"lyceum-room+jwt","kid":""}`)},
		{"kid of another key", head(`{"alg":"EdDSA","typ":"lyceum-room+jwt","kid":"k2"}`)},
		{"kid is an array", head(`{"alg":"EdDSA","typ":"lyceum-room+jwt","kid":["k1"]}`)},
		{"duplicate alg", head(`{"alg":"none","alg":"EdDSA","typ":"lyceum-room+jwt","kid":"k1"}`)},
		{"crit header", head(`{"alg":"EdDSA","typ":"lyceum-room+jwt","kid":"k1","crit":["exp"]}`)},
		{"jwk header", head(`{"alg":"EdDSA","typ":"lyceum-room+jwt","kid":"k1","jwk":{"kty":"OKP"}}`)},
		{"header member in upper case", head(`{"ALG":"EdDSA","typ":"lyceum-room+jwt","kid":"k1"}`)},
		{"header is no object", head(`["EdDSA"]`)},
		{"header with something after it", head(goodHeader + `{}`)},
		{"wrong issuer", body("iss", `"https://other.example"`)},
		{"no issuer", body("iss", "")},
		{"audience of another kind", body("aud", `"event:event-1"`)},
		{"audience without a room", body("aud", `"room:"`)},
		{"audience is an array", body("aud", `["room:event-1"]`)},
		{"audience is two", body("aud", `["room:event-1","room:event-2"]`)},
		{"no audience", body("aud", "")},
		{"room with odd characters", body("aud", `"room:event-1\u0000"`)},
		{"no subject", body("sub", "")},
		{"empty subject", body("sub", `""`)},
		{"subject is a number", body("sub", "7")},
		{"no expiry", body("exp", "")},
		{"expired 61 s ago", body("exp", fmt.Sprint(now-61), "iat", fmt.Sprint(now-300), "nbf", fmt.Sprint(now-300))},
		{"expiry is a string", body("exp", fmt.Sprintf(`"%d"`, now+300))},
		{"expiry is a fraction", body("exp", fmt.Sprintf("%d.5", now+300))},
		{"expiry is huge", body("exp", "1e400")},
		{"expiry before issue", body("exp", fmt.Sprint(now-10))},
		{"lives more than an hour", body("exp", fmt.Sprint(now+3601))},
		{"issued two hours ago for two hours", body("iat", fmt.Sprint(now-7000), "exp", fmt.Sprint(now+200))},
		{"not yet valid", body("nbf", fmt.Sprint(now+61))},
		{"no not-before", body("nbf", "")},
		{"issued in the future", body("iat", fmt.Sprint(now+61), "exp", fmt.Sprint(now+300))},
		{"no issue time", body("iat", "")},
		{"no jti", body("jti", "")},
		{"empty jti", body("jti", `""`)},
		{"unknown role", body("role", `"admin"`)},
		{"no role", body("role", "")},
		{"role in upper case", body("role", `"HOST"`)},
		{"person is an object", body("person", `{"a":1}`)},
		{"name is null", body("name", "null")},
		{"unknown claim", body("admin", "1")},
		{"duplicate role", sign(goodHeader, strings.Replace(payload(), `{`, `{"role":"host",`, 1))},
		{"duplicate role spelled with an escape", sign(goodHeader, strings.Replace(payload(), `{`, `{"r\u006fle":"host",`, 1))},
		{"a role in another case beside the right one", body("Role", `"host"`)},
		{"payload is no JSON", sign(goodHeader, "role=host")},
		{"payload is empty", sign(goodHeader, "")},
		{"payload with something after it", sign(goodHeader, payload()+"{}")},
		{"payload is not UTF-8", body("name", "\"\xff\"")},
		{"one segment too many", good + "." + parts[2]},
		{"one segment too few", parts[0] + "." + parts[1]},
		{"signature missing", parts[0] + "." + parts[1] + "."},
		{"signature of another token", parts[0] + "." + b64(payload("role", `"host"`)) + "." + parts[2]},
		{"signature one bit off", flipped(good)},
		{"signature by another key", signedBy(mustKey("k1", 'b'))},
		{"bad base64", parts[0] + "." + "!" + parts[1][1:] + "." + parts[2]},
		{"padded base64", good + "=="},
		{"a space before", " " + good},
		{"a line break after", good + "\n"},
		{"a line break inside", parts[0] + "." + parts[1][:9] + "\r\n" + parts[1][9:] + "." + parts[2]},
		{"Bearer before", "Bearer " + good},
	}
	return vs
}

func flipped(good string) string {
	b := []byte(good)
	i := len(b) - 20
	if b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

func signedBy(k token.Key) string {
	signed := b64(goodHeader) + "." + b64(payload())
	return signed + "." + b64(string(ed25519.Sign(k.Private, []byte(signed))))
}

func testVerifier() *token.Verifier {
	keys := publicOf(mustKey("k1", 'a'))
	keys["k2"] = publicOf(mustKey("k2", 'b'))["k2"]
	return token.NewVerifier(issuer, keys, at(t0))
}

func TestEveryBadTokenIsRefusedTheSameWay(t *testing.T) {
	v := testVerifier()
	if _, err := v.Verify(sign(goodHeader, payload())); err != nil {
		t.Fatalf("the token that the bad ones are made from: %v", err)
	}
	vs := vectors(t)
	if len(vs) < 45 {
		t.Errorf("only %d vectors", len(vs))
	}
	for _, bad := range vs {
		t.Run(bad.name, func(t *testing.T) {
			c, err := v.Verify(bad.token)
			if err != token.ErrRefused {
				t.Errorf("error %v, want exactly ErrRefused", err)
			}
			if c != (token.Claims{}) {
				t.Errorf("claims of a refused token: %+v", c)
			}
		})
	}
}

func FuzzVerify(f *testing.F) {
	good := sign(goodHeader, payload())
	for _, seed := range []string{good, "", "..", good + ".", strings.Repeat(".", 100), sign(`{}`, `{}`)} {
		f.Add(seed)
	}
	v := testVerifier()
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := v.Verify(s); err == nil && s != good {
			t.Errorf("accepted %q: %+v", s, c)
		}
	})
}

// FuzzPayload signs whatever it is given: the parser behind the signature must
// be strict by itself.
func FuzzPayload(f *testing.F) {
	f.Add(goodHeader, payload())
	f.Add(goodHeader, payload("aud", `["room:event-1"]`))
	f.Add(goodHeader, `{"exp":1e999}`)
	v := testVerifier()
	f.Fuzz(func(t *testing.T, header, payload string) {
		c, err := v.Verify(sign(header, payload))
		if err != nil {
			return
		}
		if c.Participant == "" || c.Room == "" || !c.Role.Known() || c.ExpiresAt.After(t0.Add(time.Hour+time.Minute)) {
			t.Errorf("accepted header %q payload %q: %+v", header, payload, c)
		}
	})
}
