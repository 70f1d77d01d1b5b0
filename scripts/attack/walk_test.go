package attack_test

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	_ "modernc.org/sqlite" // only to look at the site's tables

	"lyceum/signaling/wire"

	"lyceum/server/web"
)

// tables is the site's database as one checksum a table.
type tables struct {
	t  *testing.T
	db *sql.DB
}

func openTables(t *testing.T) tables {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(site.Data, "lyceum.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return tables{t, db}
}

// sums reads everything, in a fixed order.
func (s tables) sums() map[string]string {
	s.t.Helper()
	names := s.column("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
	sums := map[string]string{}
	for _, name := range names {
		hash := sha256.New()
		for _, row := range s.rows("SELECT * FROM " + name + " ORDER BY 1, 2") {
			_, _ = io.WriteString(hash, row+"\n")
		}
		sums[name] = fmt.Sprintf("%x", hash.Sum(nil)[:8])
	}
	return sums
}

func (s tables) column(query string) []string {
	s.t.Helper()
	var out []string
	for _, row := range s.rows(query) {
		out = append(out, strings.Trim(row, "[]"))
	}
	return out
}

func (s tables) rows(query string) []string {
	s.t.Helper()
	rows, err := s.db.QueryContext(s.t.Context(), query)
	must(s.t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	must(s.t, err)
	var out []string
	for rows.Next() {
		values := make([]any, len(columns))
		places := make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		must(s.t, rows.Scan(places...))
		out = append(out, fmt.Sprint(values))
	}
	must(s.t, rows.Err())
	return out
}

// settled waits until no mail is on its way, so that what changes next was changed by the test.
func (s tables) settled() {
	s.t.Helper()
	const moving = `SELECT (SELECT count(*) FROM outbox WHERE relayed_at IS NULL AND due_at <= strftime('%Y-%m-%d %H:%M:%f', 'now'))
		+ (SELECT count(*) FROM outbox WHERE relayed_at IS NOT NULL AND id NOT IN (SELECT id FROM deliveries WHERE state <> 'sending'))`
	end := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for s.column(moving)[0] != "0" {
		if time.Now().After(end) {
			s.t.Fatalf("mail is still moving: %v", s.rows("SELECT kind, relayed_at FROM outbox"))
		}
		<-tick.C
	}
}

// same holds that nothing has changed.
func (s tables) same(before map[string]string, after string) {
	s.t.Helper()
	for name, sum := range s.sums() {
		if before[name] != sum {
			s.t.Errorf("%s changed table %s: %v", after, name, s.rows("SELECT * FROM "+name+" ORDER BY 1, 2"))
		}
	}
}

// policyRoutes lists method and path of every row of the site's policy but the demo's.
func policyRoutes() [][2]string {
	var routes [][2]string
	for _, line := range strings.Split(strings.TrimSpace(web.PolicyTable()), "\n")[1:] {
		if f := strings.Fields(line); f[1] != "/demo/mailbox" {
			routes = append(routes, [2]string{f[0], f[1]})
		}
	}
	return routes
}

// S9: no GET changes anything, whoever walks it, with a ticket in the address or without.
func TestNoGetChangesATable(t *testing.T) {
	db := openTables(t)
	p := newParty(t, strings.Fields(strings.Split(web.PolicyTable(), "\n")[0])[1:])
	db.settled()
	before := db.sums()
	walked := 0
	for _, route := range policyRoutes() {
		if route[0] != "GET" {
			continue
		}
		for _, who := range p.columns {
			for _, query := range []string{"", "?ticket=" + p.ticket + "&action=cancel&method=DELETE&_method=POST"} {
				p.ask("GET", fill(route[1], p.own)+query, who)
				walked++
			}
		}
	}
	db.same(before, "a GET")
	if walked < 300 {
		t.Errorf("only %d addresses were walked", walked)
	}
}

// S9: another website cannot act through a visitor's browser, by form or by fetch.
func TestForeignOriginsChangeNothing(t *testing.T) {
	db := openTables(t)
	p := newParty(t, strings.Fields(strings.Split(web.PolicyTable(), "\n")[0])[1:])
	db.settled()
	before := db.sums()
	for _, route := range policyRoutes() {
		method, path := route[0], fill(route[1], p.own)
		if method == "GET" || method == "OPTIONS" {
			continue
		}
		for name, header := range map[string]map[string]string{
			"a foreign origin":               {"Origin": "https://evil.invalid"},
			"a null origin":                  {"Origin": "null"},
			"an origin that begins as ours":  {"Origin": site.URL + ".evil.invalid"},
			"our name on another port":       {"Origin": "http://127.0.0.1:1"},
			"no origin, from another site":   {"Sec-Fetch-Site": "cross-site"},
			"no origin, from a sibling site": {"Sec-Fetch-Site": "same-site"},
			"no origin, but the cookie":      {},
		} {
			for kind, body := range map[string]string{
				"application/x-www-form-urlencoded": "ticket=" + p.ticket + "&name=Eve&email=eve@patron.invalid",
				"text/plain":                        `{"name":"Eve","email":"eve@patron.invalid","code":"x"}`,
				"application/json":                  `{"name":"Eve","email":"eve@patron.invalid","code":"x"}`,
			} {
				with := map[string]string{"Content-Type": kind, "Cookie": p.cookies["admin"]}
				for k, v := range header {
					with[k] = v
				}
				live := strings.HasPrefix(path, "/whip/") || strings.HasPrefix(path, "/whep/")
				if live && with["Origin"] == "" {
					continue // a program without Origin proves itself by its token alone
				}
				a := one(site.Do(t.Context(), method, path, body, with))(t)
				if a.Status != 403 {
					t.Errorf("%s %s with %s as %s: %d %.100s, want 403", method, path, name, kind, a.Status, a.Body)
				}
			}
		}
	}
	db.same(before, "a foreign origin")
}

// S9: a socket from another website is refused before the upgrade; a program, which sends no Origin, is not.
func TestForeignOriginsGetNoSocket(t *testing.T) {
	for origin, want := range map[string]int{
		"": 101, site.URL: 101, "null": 403, "https://evil.invalid": 403, site.URL + ".evil.invalid": 403,
		"http://127.0.0.1:1": 403, strings.Replace(site.URL, "http", "https", 1): 403, "file://": 403,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, HandshakeTimeout: 10 * time.Second}
		ws, res, err := d.Dial(site.Live, header)
		if res == nil {
			t.Fatal(err)
		}
		if res.StatusCode != want {
			t.Errorf("origin %q: %d, want %d", origin, res.StatusCode, want)
		}
		if ws != nil {
			_ = ws.Close()
		}
	}
}
