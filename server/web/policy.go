package web

import (
	"slices"
	"strings"

	"lyceum/server/staff"
)

// need says what a visitor must show to use a route.
type need string

// The needs. Everything that is not public is refused before its handler runs.
const (
	public       need = "public"         // nothing
	ticket       need = "ticket"         // a good ticket as bearer credential
	signedIn     need = "staff"          // any staff session
	right        need = "right"          // a staff session whose rights allow the rule's action
	ticketOrHost need = "ticket-or-host" // a good ticket, or a staff session that may host rooms
	roomToken    need = "room-token"     // checked by package signaling, which mounts these
)

// rule is one row of the policy.
type rule struct {
	route  string // METHOD and path, parameters written as :name
	need   need
	action string // for right and ticketOrHost
}

// rules is the whole policy: route x need. A route without a row is refused by
// the tests, and an API operation without one keeps New from starting.
func rules() []rule {
	return []rule{
		{"GET /api/events", public, ""},
		{"GET /api/events/:id", public, ""},
		{"POST /api/events/:id/registrations", public, ""},
		{"GET /api/registration", ticket, ""},
		{"PATCH /api/registration", ticket, ""},
		{"DELETE /api/registration", ticket, ""},
		{"POST /api/rooms/:event/join", ticketOrHost, staff.RoomHost},

		{"POST /api/staff/sign-in-link", public, ""},
		{"POST /api/staff/session", public, ""},
		{"DELETE /api/staff/session", public, ""}, // ends one's own; without one there is nothing to end
		{"GET /api/staff/me", signedIn, ""},
		{"GET /api/staff/events", signedIn, ""},
		{"POST /api/staff/events", right, staff.EventWrite},
		{"PATCH /api/staff/events/:id", right, staff.EventWrite},
		{"POST /api/staff/events/:id/cancel", right, staff.EventWrite},
		{"GET /api/staff/events/:id/registrations", right, staff.RegistrationRead},
		{"GET /api/staff/outbox", right, staff.OutboxRead},
		{"GET /api/staff/settings", signedIn, ""},
		{"PUT /api/staff/settings", right, staff.SiteWrite},
		{"POST /api/staff/test-mail", right, staff.SiteWrite},
		{"GET /api/staff/bans", right, staff.RoomHost},
		{"DELETE /api/staff/bans/:id", right, staff.RoomHost},
		{"GET /api/staff/channels", right, staff.SocialWrite},
		{"POST /api/staff/channels", right, staff.SocialWrite},
		{"POST /api/staff/channels/:id/check", right, staff.SocialWrite},
		{"DELETE /api/staff/channels/:id", right, staff.SocialWrite},
		{"GET /api/staff/events/:id/posts", right, staff.SocialWrite},
		{"POST /api/staff/events/:id/posts", right, staff.SocialWrite},
		{"GET /api/staff/posts", right, staff.OutboxRead},
		{"POST /api/staff/posts/:id/retry", right, staff.SocialWrite},
		{"DELETE /api/staff/posts/:id", right, staff.SocialWrite},

		{"GET " + openAPIPath, public, ""},
		{"GET /assets/*", public, ""},
		{"GET /healthz", public, ""},
		{"GET /readyz", public, ""},

		{"GET /", public, ""},
		{"GET /events", public, ""},
		{"GET /events.ics", public, ""},
		{"GET /events.atom", public, ""},
		{"GET /events/:slug", public, ""},
		{"GET /events/:slug.ics", public, ""},
		{"GET /events/:slug/registered", public, ""},
		{"GET /events/:slug/registrations", public, ""},
		{"POST /events/:slug/registrations", public, ""},
		{"GET /my", public, ""}, // the form that asks for the ticket
		{"POST /my", ticket, ""},
		{"GET /my/cancel", public, ""},
		{"POST /my/cancel", ticket, ""},
		{"GET /my/cancelled", public, ""},
		{"GET /join", public, ""}, // empty shells: what they show comes from the API
		{"GET /room/:event", public, ""},
		{"GET /staff", public, ""},
		{"GET /staff/*", public, ""},
		{"GET /icon.svg", public, ""},
		{"GET /site.css", public, ""},
		{"GET /privacy", public, ""},
		{"GET /docs/operators", public, ""},
		{"GET /demo/mailbox", public, ""}, // mounted in the demo only

		{"GET /live", roomToken, ""},
		{"POST /whip/:event", roomToken, ""},
		{"OPTIONS /whip/:event", roomToken, ""},
		{"DELETE /whip/:event/:session", roomToken, ""},
		{"POST /whep/:event", roomToken, ""},
		{"OPTIONS /whep/:event", roomToken, ""},
		{"DELETE /whep/:event/:session", roomToken, ""},
	}
}

func policyByRoute() map[string]rule {
	byRoute := make(map[string]rule)
	for _, r := range rules() {
		byRoute[r.route] = r
	}
	return byRoute
}

// allows reports whether the rule lets a person with these rights pass, where
// nil is somebody without a session. It looks at sessions only.
func (r rule) allows(s *staff.Staff) bool {
	switch r.need {
	case public:
		return true
	case signedIn:
		return s != nil
	case right, ticketOrHost:
		return s != nil && s.May(r.action)
	}
	return false
}

// PolicyTable prints the policy as a matrix: one line a route, one column a kind
// of visitor. Tests compare it with a golden file, reviewers read its changes.
func PolicyTable() string {
	var out strings.Builder
	columns := []string{"nobody", "ticket"}
	for _, r := range slices.Backward(staff.Rights()) {
		columns = append(columns, string(r))
	}
	row := func(route string, cells []string) {
		line := pad(route, 46)
		for i, cell := range cells {
			line += pad(cell, len(columns[i])+2)
		}
		out.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	row("route", columns)
	for _, r := range rules() {
		if r.need == roomToken {
			row(r.route, []string{"room token"})
			continue
		}
		holdsTicket := r.need == public || r.need == ticket || r.need == ticketOrHost
		cells := []string{mark(r.allows(nil)), mark(holdsTicket)}
		for _, right := range slices.Backward(staff.Rights()) {
			cells = append(cells, mark(r.allows(&staff.Staff{Rights: []staff.Right{right}})))
		}
		row(r.route, cells)
	}
	return out.String()
}

func mark(yes bool) string {
	if yes {
		return "yes"
	}
	return "-"
}

func pad(s string, width int) string { return s + strings.Repeat(" ", max(1, width-len(s))) }
