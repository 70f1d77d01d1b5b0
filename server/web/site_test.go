package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/staff"
	"lyceum/server/store"
	"lyceum/server/web"
)

var update = flag.Bool("update", false, "rewrite golden files")

const publicURL = "http://127.0.0.1:8080"

// shelf is the real store, as cmd/lyceum joins it to the website.
type shelf struct{ *store.Store }

func (s shelf) Register(ctx context.Context, in web.RegisterInput) (registration.Registered, error) {
	return s.Store.Register(ctx, store.RegisterInput(in))
}

func (s shelf) Deliveries(ctx context.Context, limit int) ([]web.Delivery, error) {
	rows, err := s.Store.Deliveries(ctx, limit)
	out := make([]web.Delivery, len(rows))
	for i, row := range rows {
		out[i] = web.Delivery(row)
	}
	return out, err
}

// doorkeeper stands for the live rooms.
type doorkeeper struct {
	mu       sync.Mutex
	banned   map[string]bool // by person
	admitted []web.Admission
	bans     []web.Ban
}

func (d *doorkeeper) Admit(_ context.Context, a web.Admission) (web.Pass, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.banned[a.Person] {
		return web.Pass{}, web.ErrBanned
	}
	d.admitted = append(d.admitted, a)
	return web.Pass{Token: "token-of-" + a.Participant, ExpiresAt: time.Date(2026, 12, 1, 18, 5, 0, 0, time.UTC)}, nil
}

func (d *doorkeeper) Bans(context.Context, time.Time, int) ([]web.Ban, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]web.Ban{}, d.bans...), nil
}

func (d *doorkeeper) Lift(_ context.Context, b web.Ban) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bans = slices.DeleteFunc(d.bans, func(other web.Ban) bool { return other == b })
	return nil
}

// house is a whole website on a fresh database.
type house struct {
	t     testing.TB
	app   *fiber.App
	store shelf
	rooms *doorkeeper
	house *household
	keys  registration.Keys
	now   time.Time
	poked int
	log   *bytes.Buffer
}

// open builds a house; change may alter its configuration.
func open(t testing.TB, change func(*web.Config)) *house {
	t.Helper()
	h := &house{
		t: t, rooms: &doorkeeper{banned: map[string]bool{}}, house: newHousehold(), log: &bytes.Buffer{},
		keys: registration.Keys{Site: bytes.Repeat([]byte{7}, 32)},
		now:  time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC),
	}
	kept, err := store.Open(t.Context(), "sqlite:", t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	h.store = shelf{kept}
	messages, err := os.ReadFile("../../frontend/messages/public.en.json")
	if err != nil {
		t.Fatal(err)
	}
	config := web.Config{
		Store: h.store, Rooms: h.rooms, Bans: h.rooms, Keys: h.keys, PublicURL: publicURL, House: h.house,
		Messages: messages, Now: func() time.Time { return h.now },
		Log:    slog.New(slog.NewTextHandler(h.log, nil)),
		Poke:   func() { h.poked++ },
		Assets: fstest.MapFS{},
	}
	if change != nil {
		change(&config)
	}
	if h.app, err = web.New(config); err != nil {
		t.Fatal(err)
	}
	return h
}

// answer is a response, read whole.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// code is the problem's code, "" for anything that is no problem.
func (a answer) code() string {
	var p struct{ Code string }
	if a.header.Get("Content-Type") != "application/problem+json" {
		return ""
	}
	_ = json.Unmarshal(a.body, &p)
	return p.Code
}

func (a answer) json(t testing.TB) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := json.Unmarshal(a.body, &out); err != nil {
		t.Fatalf("answer %d is not JSON: %v: %.200s", a.status, err, a.body)
	}
	return out
}

// with sets one header of a request.
func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func bearer(ticket string) func(*http.Request) { return with("Authorization", "Bearer "+ticket) }

// signedIn sends a session's cookie the way our own pages do.
func signedIn(session string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Cookie", "lyceum="+session)
		r.Header.Set("Origin", publicURL)
	}
}

// do sends a request; a body that is not empty is JSON unless a change says otherwise.
func (h *house) do(method, path, body string, changes ...func(*http.Request)) answer {
	h.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, change := range changes {
		change(r)
	}
	response, err := h.app.Test(r, 10_000)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatalf("%s %s: read the answer: %v", method, path, err)
	}
	return answer{response.StatusCode, response.Header, raw}
}

// event adds an event that starts so much after now and lasts an hour.
func (h *house) event(title string, in time.Duration, change func(*event.Draft)) event.Event {
	h.t.Helper()
	draft := event.Draft{Title: title, Kind: event.AuthorTalk, StartsAt: h.now.Add(in), Capacity: 3, Description: "A *long* text."}
	if change != nil {
		change(&draft)
	}
	e, err := event.New(uuid.NewString(), draft, h.now)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.store.AddEvent(h.t.Context(), e); err != nil {
		h.t.Fatal(err)
	}
	if e, err = h.store.Event(h.t.Context(), e.ID); err != nil {
		h.t.Fatal(err)
	}
	return e
}

// seat registers a person over the API and returns the ticket, as the mail would carry it.
func (h *house) seat(e event.Event, email string) (registration.Registration, string) {
	h.t.Helper()
	a := h.do("POST", "/api/events/"+e.ID+"/registrations", `{"name":"Reader One","email":"`+email+`"}`)
	if a.status != 201 {
		h.t.Fatalf("register: %d %s", a.status, a.body)
	}
	r, err := h.store.Registration(h.t.Context(), a.json(h.t)["id"].(string))
	if err != nil {
		h.t.Fatal(err)
	}
	return r, h.keys.Ticket(r.ID, r.Generation)
}

// staff adds a person with these rights and signs in over the API.
func (h *house) staff(email string, rights ...staff.Right) (session string) {
	h.t.Helper()
	p := staff.Staff{ID: uuid.NewString(), Email: email, Name: "Desk " + email, Person: h.keys.Person(email), Rights: rights}
	if err := h.store.AddStaff(h.t.Context(), p); err != nil {
		h.t.Fatal(err)
	}
	code := web.NewSecret()
	if err := h.store.AddSignInCode(h.t.Context(), p.ID, web.HashSecret(code), h.now.Add(time.Hour)); err != nil {
		h.t.Fatal(err)
	}
	a := h.do("POST", "/api/staff/session", `{"code":"`+code+`"}`, with("Origin", publicURL))
	if a.status != 200 {
		h.t.Fatalf("sign in: %d %s", a.status, a.body)
	}
	name, rest, _ := strings.Cut(a.header.Get("Set-Cookie"), "=")
	if name != "lyceum" {
		h.t.Fatalf("cookie %q", name)
	}
	session, _, _ = strings.Cut(rest, ";")
	return session
}

// golden compares with testdata/name, or rewrites it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and review the diff. Got:\n%s", path, got)
	}
}

// dump writes values as indented JSON, for comparing and for reading.
func dump(t testing.TB, values ...any) string {
	t.Helper()
	out, err := json.MarshalIndent(values, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
