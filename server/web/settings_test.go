package web_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"lyceum/server/settings"
	"lyceum/server/staff"
	"lyceum/server/web"
)

// household stands for the settings and the mail of a running site.
type household struct {
	mu       sync.Mutex
	settings settings.Settings
	mail     web.Mail
	sentTo   []string
	fail     error
}

func newHousehold() *household {
	return &household{settings: settings.Settings{Library: "Example Library", TimeZone: "Europe/Berlin", Languages: []string{"en"}}, mail: web.Mail{State: "works"}}
}

func (h *household) Settings() settings.Settings {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.settings
}

func (h *household) SaveSettings(_ context.Context, s settings.Settings) (settings.Settings, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.Version = h.settings.Version + 1
	h.settings = s
	return s, nil
}

func (h *household) Open() bool { return h.Mail().State != "untested" }

func (h *household) Mail() web.Mail {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.mail
}

func (h *household) TestMail(_ context.Context, to string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fail != nil {
		return h.fail
	}
	h.sentTo, h.mail.State = append(h.sentTo, to), "works"
	return nil
}

// refused is a mail failure in plain words.
type refused struct{ error }

func (refused) Plain() string { return "The mail server refused the user name or password." }

func TestAnAdministratorSetsTheLibraryUp(t *testing.T) {
	h := open(t, nil)
	admin := h.staff("admin@library.example", staff.Admin)
	before := h.do("GET", "/api/staff/settings", "", signedIn(admin)).json(t)
	if before["setUp"] != false || before["library"] != "Example Library" {
		t.Errorf("before: %v", before)
	}
	const good = `{"library":"Hill Library","timeZone":"Asia/Tokyo","languages":["en"],"accent":"#7A1F3D"}`
	if a := h.do("PUT", "/api/staff/settings", good, signedIn(admin)); a.status != 200 || a.json(t)["setUp"] != true || a.json(t)["accent"] != "#7a1f3d" {
		t.Errorf("save: %d %s", a.status, a.body)
	}
	if page := h.do("GET", "/", ""); !strings.Contains(string(page.body), "Hill Library") {
		t.Error("the public page has the old name")
	}
	pale := strings.Replace(good, "#7A1F3D", "#ffee88", 1)
	if a := h.do("PUT", "/api/staff/settings", pale, signedIn(admin)); a.status != 422 || !strings.Contains(string(a.body), "low-contrast") {
		t.Errorf("a pale accent: %d %s", a.status, a.body)
	}
	if a := h.do("PUT", "/api/staff/settings", good, signedIn(h.staff("host@library.example", staff.Host))); a.code() != "forbidden" {
		t.Errorf("a host saved settings: %d", a.status)
	}
}

// Registration opens with the first test mail that goes through, for forms and API alike.
func TestRegistrationOpensAfterATestMail(t *testing.T) {
	h := open(t, nil)
	h.house.mail = web.Mail{State: "untested", Server: "mail.example:587"}
	e := h.event("A talk", time.Hour, nil)
	admin := h.staff("admin@library.example", staff.Admin)
	apply := func() answer {
		return h.do("POST", "/api/events/"+e.ID+"/registrations", `{"name":"Reader","email":"reader@mail.example"}`)
	}
	if a := apply(); a.status != 409 || a.code() != "registration-not-open" {
		t.Fatalf("before the test: %d %s", a.status, a.body)
	}
	h.house.fail = refused{errors.New("535")}
	if a := h.do("POST", "/api/staff/test-mail", `{}`, signedIn(admin)); a.code() != "mail-failed" || !strings.Contains(string(a.body), "refused the user name") {
		t.Errorf("a failing test: %d %s", a.status, a.body)
	}
	h.house.fail = nil
	if a := h.do("POST", "/api/staff/test-mail", `{}`, signedIn(admin)); a.status != 200 || a.json(t)["open"] != true {
		t.Fatalf("test: %d %s", a.status, a.body)
	}
	if a := apply(); a.status != 201 || len(h.house.sentTo) != 1 || h.house.sentTo[0] != "admin@library.example" {
		t.Errorf("after the test: %d %s, sent to %v", a.status, a.body, h.house.sentTo)
	}
}
