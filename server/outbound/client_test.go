package outbound_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"lyceum/server/outbound"
)

// local is a server that the client may call, and the client.
func local(t *testing.T, within time.Duration, handle http.HandlerFunc) (*outbound.Client, string) {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	allow, err := outbound.ParseAllow([]string{server.Listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	c := outbound.New(outbound.Config{Allow: allow, Within: within})
	return c, server.URL
}

func call(t *testing.T, c *outbound.Client, method, url string) (string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer secret")
	response, err := c.Do(r)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(response.Body)
	return fmt.Sprint(response.StatusCode, " ", string(body)), err
}

func TestWhatAnAnswerMayCost(t *testing.T) {
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	for _, row := range []struct {
		rule   string
		handle http.HandlerFunc
		method string
		want   string // of the answer, or of the error after "!"
	}{
		{"an ordinary answer arrives", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }, "GET", "200 hello"},
		{"an answer of a megabyte and one byte is refused", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(make([]byte, outbound.MaxBody+1))
		}, "GET", "!more than"},
		{"an answer without an end is cut off", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, "GET", "!more than"},
		{"a server that never answers costs the time limit", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the caller has left
			select {
			case <-hang:
			case <-r.Context().Done():
			}
		}, "POST", "!deadline"},
		{"a redirect of a POST is an answer, not a journey", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, "POST", "307 "},
		{"a circle of redirects ends", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/again", http.StatusFound)
		}, "GET", "!too many redirects"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			within := 2 * time.Second
			if strings.Contains(row.want, "deadline") {
				within = 50 * time.Millisecond
			}
			c, url := local(t, within, row.handle)
			got, err := call(t, c, row.method, url)
			if want, isError := strings.CutPrefix(row.want, "!"); isError {
				var failed *outbound.Error
				if err == nil || !strings.Contains(err.Error(), want) && !strings.Contains(err.Error(), "timeout") || !errors.As(err, &failed) || !failed.Sent() {
					t.Errorf("%q %v", got, err)
				}
			} else if err != nil || !strings.HasPrefix(got, row.want) {
				t.Errorf("%q %v, want %q", got, err, row.want)
			}
		})
	}
}

func TestCredentialsStayWithTheirHost(t *testing.T) {
	seen := ""
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = "auth:" + r.Header.Get("Authorization") }))
	defer other.Close()
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) }))
	defer first.Close()
	c := outbound.New(outbound.Config{Allow: []outbound.Allow{{Network: netip.MustParsePrefix("127.0.0.0/8")}}})
	if _, err := call(t, c, "GET", first.URL); err != nil || seen != "auth:" {
		t.Errorf("%q %v", seen, err)
	}
}

func TestAnExceptionOpensWhatItNamesAndNoMore(t *testing.T) {
	for _, row := range []struct {
		allow string
		opens bool
	}{
		{"127.0.0.1", true}, {"127.0.0.0/8", true}, {"HERE", true}, {"127.0.0.1:1", false}, {"10.0.0.0/8", false}, {"::1", false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		allow, err := outbound.ParseAllow([]string{strings.Replace(row.allow, "HERE", server.Listener.Addr().String(), 1), " "})
		if err != nil {
			t.Fatal(err)
		}
		c := outbound.New(outbound.Config{Allow: allow})
		if _, err := call(t, c, "GET", server.URL); (err == nil) != row.opens {
			t.Errorf("%s: %v", row.allow, err)
		}
		server.Close()
	}
	for _, bad := range []string{"localhost", "10.0.0.0/99", "1.2.3.4:x", "https://1.2.3.4"} {
		if _, err := outbound.ParseAllow([]string{bad}); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func FuzzPublic(f *testing.F) {
	for _, seed := range []string{"127.0.0.1", "::ffff:10.0.0.1", "2606:4700::1", "8.8.8.8", "64:ff9b::1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ip, err := netip.ParseAddr(text)
		if err == nil && outbound.Public(ip) && (ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() || ip.IsInterfaceLocalMulticast()) {
			t.Errorf("%s counts as public", text)
		}
	})
}
