package signaling_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"lyceum/rooms"
	"lyceum/rooms/token"
	"lyceum/signaling/client"
)

// post is the status of a POST; an empty token sends no Authorization header.
func (r *rig) post(t *testing.T, path, tok, contentType, body string) int {
	t.Helper()
	header := http.Header{"Content-Type": {contentType}}
	if tok != "" {
		header.Set("Authorization", "Bearer "+strings.Map(printable, tok))
	}
	status, _ := r.do(t, http.MethodPost, path, header, body)
	return status
}

// printable keeps net/http from refusing to send what we want refused by the server.
func printable(c rune) rune {
	if c < ' ' {
		return -1
	}
	return c
}

func (r *rig) do(t *testing.T, method, path string, header http.Header, body string) (int, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.url(path), strings.NewReader(body))
	must(t, err)
	req.Header = header
	res, err := r.http.Do(req)
	must(t, err)
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	must(t, err)
	if res.StatusCode >= 400 && res.StatusCode != 431 && !strings.Contains(string(answer), `"code":`) {
		t.Errorf("%s %s: %d without a code: %s", method, path, res.StatusCode, answer)
	}
	return res.StatusCode, res.Header
}

const sdpOffer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" +
	"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 opus/48000/2\r\n"

// The status table of WHIP and WHEP, as PROTOCOL.md has it.
func TestStatusTable(t *testing.T) {
	r := newRig(t)
	host := r.mint("host", rooms.RoleHost)
	elsewhere := r.mintFor(token.Claims{Participant: "eve", Name: "Eve Example", Person: "person-eve", Room: "event-2", Role: rooms.RoleHost})
	const sdp = "application/sdp"
	rows := []struct {
		name, method, path, token, contentType, body, origin string
		want                                                 int
	}{
		{name: "no token", token: "", want: 401},
		{name: "bad token", token: "aaa.bbb.ccc", want: 401},
		{name: "token of another room", token: elsewhere, want: 401},
		{name: "token in the address", path: "?token=" + host, want: 401},
		{name: "wrong content type", token: host, contentType: "text/plain", want: 415},
		{name: "no content type", token: host, contentType: " ", want: 415},
		{name: "junk body", token: host, body: "let me in", want: 400},
		{name: "empty body", token: host, body: " ", want: 400},
		{name: "sdp without media", token: host, body: "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", want: 400},
		{name: "sdp without ice", token: host, body: sdpOffer, want: 400},
		{name: "too large", token: host, body: strings.Repeat("a", 65537), want: 413},
		{name: "foreign origin", token: host, origin: "http://evil.test", want: 403},
		{name: "null origin", token: host, origin: "null", want: 403},
		{name: "get", method: http.MethodGet, token: host, want: 405},
		{name: "put", method: http.MethodPut, token: host, want: 405},
		{name: "patch the endpoint", method: http.MethodPatch, token: host, want: 405},
		{name: "options", method: http.MethodOptions, want: 204},
		{name: "options of another site", method: http.MethodOptions, origin: "http://evil.test", want: 403},
		{name: "delete an unknown session", method: http.MethodDelete, path: "/AAAAAAAAAAAAAAAAAAAAAA", want: 404},
		{name: "patch a session", method: http.MethodPatch, path: "/AAAAAAAAAAAAAAAAAAAAAA", want: 405},
	}
	for _, kind := range []string{"whip", "whep"} {
		for _, row := range rows {
			t.Run(kind+"/"+row.name, func(t *testing.T) {
				header := http.Header{"Content-Type": {sdp}}
				if row.contentType != "" {
					header.Set("Content-Type", strings.TrimSpace(row.contentType))
				}
				if row.token != "" {
					header.Set("Authorization", "Bearer "+row.token)
				}
				if row.origin != "" {
					header.Set("Origin", row.origin)
				}
				method, body := row.method, strings.TrimSpace(row.body)
				if method == "" {
					method = http.MethodPost
				}
				if row.body == "" {
					body = sdpOffer
				}
				status, got := r.do(t, method, "/"+kind+"/"+room+row.path, header, body)
				if status != row.want {
					t.Errorf("status %d, want %d", status, row.want)
				}
				if status == 401 && got.Get("WWW-Authenticate") != "Bearer" {
					t.Error("401 without WWW-Authenticate: Bearer")
				}
				if status == 405 && got.Get("Allow") == "" {
					t.Error("405 without Allow")
				}
				if got.Get("Access-Control-Allow-Origin") != "" {
					t.Error("answer opens itself to other origins")
				}
			})
		}
	}
}

// Who may not be on the stage may not publish by WHIP.
func TestAttendeeMayNotPublishByWHIP(t *testing.T) {
	r := newRig(t)
	_, err := client.Publish(within(t), r.whip("ada", rooms.RoleAttendee), client.Speaker())
	wantStatus(t, err, http.StatusForbidden)
}

// A participant who is connected is not doubled; once their session is deleted the place is free.
func TestSecondPublisherIsRefusedUntilDelete(t *testing.T) {
	r := newRig(t)
	ctx := within(t)
	first, err := client.Publish(ctx, r.whip("speaker", rooms.RoleSpeaker), client.Speaker())
	must(t, err)
	_, err = client.Publish(ctx, r.whip("speaker", rooms.RoleSpeaker), client.Speaker())
	wantStatus(t, err, http.StatusConflict)
	must(t, first.Close(ctx))
	again, err := client.Publish(ctx, r.whip("speaker", rooms.RoleSpeaker), client.Speaker())
	must(t, err)
	must(t, again.Close(ctx))
}

func wantStatus(t *testing.T, err error, want int) {
	t.Helper()
	refused, ok := err.(*client.StatusError) //nolint:errorlint // the client returns it bare
	if !ok || refused.Status != want {
		t.Errorf("got %v, want status %d", err, want)
	}
}
