package attack_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"lyceum/scripts/attack/house"
	"lyceum/server/web"
)

// Every route of the site's policy is asked by every kind of visitor for an
// object of their own event, of another event and for one that does not exist.
// The golden file says what the running binary answers; the policy says who may
// pass; and whoever passes gets 404 for what does not exist, never more.

// party is everybody who visits, and what they visit. Each case gets a fresh one
// where it may break something.
type party struct {
	t            *testing.T
	columns      []string // of the policy table: nobody, ticket, the rights
	cookies      map[string]string
	owner        string
	ticket       string
	own, foreign house.Event
	serial       int
}

func newParty(t *testing.T, columns []string) *party {
	p := &party{t: t, columns: columns, cookies: map[string]string{}}
	ctx := t.Context()
	p.owner = one(site.Staff(ctx, "owner@library.invalid", "admin"))(t)
	for _, right := range columns[2:] {
		p.cookies[right] = one(site.Staff(ctx, right+"@library.invalid", right))(t)
	}
	p.refresh()
	return p
}

// refresh gives everybody events and a ticket that nobody has used up.
func (p *party) refresh() {
	p.t.Helper()
	ctx := p.t.Context()
	p.serial++
	p.own = one(site.AddEvent(ctx, p.owner, fmt.Sprint("Own ", p.serial)))(p.t)
	p.foreign = one(site.AddEvent(ctx, p.owner, fmt.Sprint("Foreign ", p.serial)))(p.t)
	p.ticket = one(site.Seat(ctx, p.own.ID, "Ada Example", fmt.Sprintf("ada%d@patron.invalid", p.serial)))(p.t)
}

const unknownID = "0b0e7c1e-0000-4000-8000-000000000000"

// fill puts an event into a route's path; "" stands for one that does not exist.
func fill(path string, e house.Event) string {
	id, slug := e.ID, e.Slug
	if id == "" {
		id, slug = unknownID, "no-such-event"
	}
	return strings.NewReplacer(":id", id, ":slug", slug, ":event", id, ":session", "no-such-session", "*", "x").Replace(path)
}

// ask sends an almost empty request as a kind of visitor.
func (p *party) ask(method, path, who string) house.Answer {
	p.t.Helper()
	header := map[string]string{"Accept": "text/html,*/*"}
	body := ""
	switch {
	case method == "GET" || method == "DELETE" || method == "OPTIONS":
	case strings.HasPrefix(path, "/whip/") || strings.HasPrefix(path, "/whep/"):
		body, header["Content-Type"] = "v=0", "application/sdp"
	case strings.HasPrefix(path, "/api/"):
		body = map[bool]string{true: `{"code":"x"}`, false: `{}`}[strings.HasSuffix(path, "/session")]
		if strings.HasSuffix(path, "/join") || strings.HasSuffix(path, "/cancel") {
			body = ""
		}
	default:
		body, header["Content-Type"] = "name=x", "application/x-www-form-urlencoded"
		if who == "ticket" {
			body = "ticket=" + p.ticket
		}
	}
	switch cookie, isStaff := p.cookies[who]; {
	case who == "ticket":
		header["Authorization"] = "Bearer " + p.ticket
	case isStaff:
		header["Cookie"], header["Origin"] = cookie, site.URL
	}
	return one(site.Do(p.t.Context(), method, path, body, header))(p.t)
}

func TestRoutesByVisitor(t *testing.T) {
	table := strings.Split(strings.TrimSpace(web.PolicyTable()), "\n")
	p := newParty(t, strings.Fields(table[0])[1:])
	var out strings.Builder
	out.WriteString("visitor: status with an id of the own event, of another, of none\n")
	for _, line := range table[1:] {
		fields := strings.Fields(line)
		method, path, may := fields[0], fields[1], fields[2:]
		if path == "/demo/mailbox" {
			continue // the demo alone has it
		}
		fmt.Fprintln(&out, method, path)
		var seen []string // answers in their order
		whose := map[string][]string{}
		for i, who := range p.columns {
			statuses := p.tryRoute(method, path, who)
			text := fmt.Sprint(statuses)
			if whose[text] == nil {
				seen = append(seen, text)
			}
			whose[text] = append(whose[text], who)
			if len(may) == len(p.columns) && strings.HasPrefix(path, "/api/") && path != "/api/staff/session" {
				p.holds(method+" "+path, who, may[i] == "yes", statuses)
			}
		}
		for _, text := range seen {
			fmt.Fprintf(&out, "  %-14s %s\n", text, strings.Join(whose[text], " "))
		}
	}
	golden(t, "routes.txt", out.String())
}

// tryRoute asks for the own, a foreign and no event; only once when the path names none.
func (p *party) tryRoute(method, path, who string) []int {
	p.t.Helper()
	events := []house.Event{p.own, p.foreign, {}}
	if !strings.Contains(path, ":") {
		events = events[:1]
	}
	var statuses []int
	for _, e := range events {
		kept := maps.Clone(p.cookies)
		if method == "DELETE" && path == "/api/staff/session" {
			if _, isStaff := kept[who]; isStaff {
				p.cookies[who] = one(site.Staff(p.t.Context(), who+"@library.invalid", who))(p.t)
			}
		}
		a := p.ask(method, fill(path, e), who)
		p.cookies = kept
		statuses = append(statuses, a.Status)
		if a.Status >= 500 {
			p.t.Errorf("%s %s as %s: %d %s", method, fill(path, e), who, a.Status, a.Body)
		}
	}
	if method != "GET" && method != "OPTIONS" && statuses[0] < 300 {
		p.refresh()
	}
	return statuses
}

// holds compares the answers with the policy.
func (p *party) holds(route, who string, may bool, statuses []int) {
	p.t.Helper()
	refused := func(status int) bool { return status == 401 || status == 403 }
	for _, status := range statuses {
		if refused(status) == may && !(may && who == "ticket") {
			p.t.Errorf("%s as %s: the policy says %v, the site answers %v", route, who, may, statuses)
		}
	}
	if may && len(statuses) == 3 && statuses[2] != 404 && statuses[2] != 422 {
		p.t.Errorf("%s as %s: something that does not exist is answered by %d", route, who, statuses[2])
	}
	if may && who == "ticket" && len(statuses) == 3 && strings.Contains(route, "/rooms/") && statuses[1] != 401 && statuses[1] != 404 {
		p.t.Errorf("%s: the ticket of another event is answered by %d", route, statuses[1])
	}
}
