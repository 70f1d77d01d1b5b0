package web_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lyceum/server/event"
)

const key = "AAAAAAAAAAAAAAAAAAAAAA" // 22 characters

func TestRegisteringTakesASeatAndNeverShowsTheTicket(t *testing.T) {
	h := open(t, nil)
	e := h.event("The Paper Lantern", time.Hour, func(d *event.Draft) { d.Capacity = 1 })
	first := h.do("POST", "/api/events/"+e.Slug+"/registrations", `{"name":"Reader One","email":"one@mail.example"}`)
	got := first.json(t)
	if first.status != 201 || got["status"] != "confirmed" || got["position"] != 0.0 || len(got) != 3 {
		t.Errorf("first: %d %s", first.status, first.body)
	}
	second := h.do("POST", "/api/events/"+e.ID+"/registrations", `{"name":"Reader Two","email":"two@mail.example"}`).json(t)
	if second["status"] != "waitlisted" || second["position"] != 1.0 {
		t.Errorf("second: %v", second)
	}
	r, err := h.store.Registration(t.Context(), got["id"].(string))
	if err != nil || r.Email != "one@mail.example" {
		t.Errorf("stored: %+v %v", r, err)
	}
	if ticket := h.keys.Ticket(r.ID, r.Generation); bytes.Contains(first.body, []byte(ticket)) {
		t.Error("the answer holds the ticket")
	}
	if h.poked != 2 {
		t.Errorf("poked %d times, want 2", h.poked)
	}
}

// An answer must not tell whether an address is new, known or banned.
func TestTheAnswerIsTheSameForNewKnownAndBannedAddresses(t *testing.T) {
	h := open(t, nil)
	e := h.event("Quiet", time.Hour, func(d *event.Draft) { d.Capacity = 10 })
	if err := h.store.BanPerson(t.Context(), e.ID, h.keys.Person("banned@mail.example"), h.now, h.now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	apply := func(email string) answer {
		return h.do("POST", "/api/events/"+e.ID+"/registrations", `{"name":"Reader","email":"`+email+`"}`)
	}
	full := h.event("Full", time.Hour, func(d *event.Draft) { d.Capacity = 1 })
	for i, row := range []struct{ email, want string }{
		{"seated@mail.example", "confirmed 0"},
		{"waits@mail.example", "waitlisted 1"},
		{"seated@mail.example", "waitlisted 2"}, // what a stranger would be told now
		{"waits@mail.example", "waitlisted 2"},
		{"stranger@mail.example", "waitlisted 2"},
	} {
		path := "/api/events/" + full.ID + "/registrations"
		body := `{"name":"Reader","email":"` + row.email + `"}`
		withKey := with("Idempotency-Key", fmt.Sprintf("%022d", i))
		for range 2 { // the repeat must not tell either
			got := h.do("POST", path, body, withKey).json(t)
			if said := fmt.Sprint(got["status"], " ", got["position"]); said != row.want {
				t.Errorf("full event, %s: %s, want %s", row.email, said, row.want)
			}
		}
	}
	fresh := apply("known@mail.example")
	for _, email := range []string{"known@mail.example", "known+again@mail.example", "banned@mail.example", "other@mail.example"} {
		a := apply(email)
		if a.status != fresh.status || !slices.Equal(shape(t, a), shape(t, fresh)) || !slices.Equal(names(a), names(fresh)) {
			t.Errorf("%s: %d %s %v, want like %d %s %v", email, a.status, a.body, names(a), fresh.status, fresh.body, names(fresh))
		}
	}
}

// shape is an answer's body without the id, which is random for everybody.
func shape(t *testing.T, a answer) []string {
	var out []string
	for name, value := range a.json(t) {
		if name != "id" {
			name += "=" + strings.TrimSpace(dump(t, value))
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func names(a answer) []string {
	var out []string
	for name := range a.header {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func TestIdempotencyKeyMakesARepeatHarmless(t *testing.T) {
	h := open(t, nil)
	e := h.event("Twice", time.Hour, nil)
	path := "/api/events/" + e.ID + "/registrations"
	const body = `{"name":"Reader One","email":"one@mail.example"}`
	first := h.do("POST", path, body, with("Idempotency-Key", key))
	again := h.do("POST", path, body, with("Idempotency-Key", key))
	if first.status != 201 || !bytes.Equal(first.body, again.body) {
		t.Errorf("%s\nthen %s", first.body, again.body)
	}
	other := h.do("POST", path, `{"name":"Reader Two","email":"two@mail.example"}`, with("Idempotency-Key", key))
	if other.status != 422 || other.code() != "key-reused" {
		t.Errorf("another body: %d %s", other.status, other.body)
	}
}

func TestWhatIsWrongWithAnApplicationIsSaidFieldByField(t *testing.T) {
	h := open(t, nil)
	e := h.event("Fields", time.Hour, nil)
	long := strings.Repeat("x", 61)
	for _, row := range []struct{ name, body, key, want string }{
		{"empty object lacks both fields", `{}`, "", "email required, name required"},
		{"blank name", `{"name":" ","email":"a@mail.example"}`, "", "name required"},
		{"name of 61 characters", `{"name":"` + long + `","email":"a@mail.example"}`, "", "name too-long"},
		{"name of 2000 characters", `{"name":"` + strings.Repeat("x", 2000) + `","email":"a@mail.example"}`, "", "name too-long"},
		{"name that is a link", `{"name":"see evil.example","email":"a@mail.example"}`, "", "name link"},
		{"name with a line break", `{"name":"a\u0007b","email":"a@mail.example"}`, "", "name bad-text"},
		{"address without a domain", `{"name":"Reader","email":"a"}`, "", "email not-an-email"},
		{"both wrong", `{"name":"","email":""}`, "", "name required, email required"},
		{"unknown field", `{"name":"Reader","email":"a@mail.example","admin":true}`, "", "admin unexpected"},
		{"name is a number", `{"name":7,"email":"a@mail.example"}`, "", "name wrong-type"},
		{"key too short", `{"name":"Reader","email":"a@mail.example"}`, key[1:], "Idempotency-Key too-short"},
		{"key too long", `{"name":"Reader","email":"a@mail.example"}`, strings.Repeat("k", 129), "Idempotency-Key too-long"},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := h.do("POST", "/api/events/"+e.ID+"/registrations", row.body, with("Idempotency-Key", row.key))
			var got []string
			errors, _ := a.json(t)["errors"].([]any)
			for _, item := range errors {
				field := item.(map[string]any)
				got = append(got, field["field"].(string)+" "+field["code"].(string))
				if field["detail"] == "" {
					t.Error("no sentence")
				}
			}
			if a.status != 422 || a.code() != "invalid" || strings.Join(got, ", ") != row.want {
				t.Errorf("%d %s: %v, want %s", a.status, a.code(), got, row.want)
			}
		})
	}
}

func TestClosedEventsTakeNoRegistration(t *testing.T) {
	h := open(t, nil)
	cancelled := h.event("Called off", time.Hour, nil)
	if err := h.store.CancelEvent(t.Context(), cancelled.ID, h.now); err != nil {
		t.Fatal(err)
	}
	over := h.event("Over", time.Minute, nil)
	h.now = h.now.Add(3 * time.Hour)
	for _, e := range []event.Event{cancelled, over} {
		a := h.do("POST", "/api/events/"+e.ID+"/registrations", `{"name":"Reader","email":"a@mail.example"}`)
		if a.status != 409 || a.code() != "registration-closed" {
			t.Errorf("%s: %d %s", e.Title, a.status, a.body)
		}
	}
}

func TestATicketShowsRenamesAndCancelsItsRegistration(t *testing.T) {
	h := open(t, nil)
	e := h.event("Own", time.Hour, func(d *event.Draft) { d.Capacity = 1 })
	r, ticket := h.seat(e, "one@mail.example")
	const own = "/api/registration"
	got := h.do("GET", own, "", bearer(ticket)).json(t)
	if got["id"] != r.ID || got["status"] != "confirmed" || got["name"] != "Reader One" || got["event"].(map[string]any)["slug"] != e.Slug {
		t.Errorf("own registration: %v", got)
	}
	if a := h.do("PATCH", own, `{"name":"Reader Renamed"}`, bearer(ticket)); a.status != 200 || a.json(t)["name"] != "Reader Renamed" {
		t.Errorf("rename: %d %s", a.status, a.body)
	}
	if a := h.do("PATCH", own, `{"name":"see evil.example"}`, bearer(ticket)); a.code() != "invalid" {
		t.Errorf("rename to a link: %d %s", a.status, a.body)
	}
	if a := h.do("DELETE", own, "", bearer(ticket)); a.status != 204 || len(a.body) != 0 {
		t.Errorf("cancel: %d %s", a.status, a.body)
	}
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		body := map[string]string{"PATCH": `{"name":"Reader"}`}[method]
		a := h.do(method, own, body, bearer(ticket))
		if a.status != 401 || a.code() != "ticket-refused" || a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s with a ticket given back: %d %s", method, a.status, a.body)
		}
	}
	if left, err := h.store.Event(t.Context(), e.ID); err != nil || left.SeatsLeft() != 1 {
		t.Errorf("seats left %d %v, want 1", left.SeatsLeft(), err)
	}
}

func TestEveryBadTicketGetsTheSameAnswer(t *testing.T) {
	h := open(t, nil)
	e := h.event("Bad", time.Hour, nil)
	r, ticket := h.seat(e, "one@mail.example")
	forged := []byte(ticket)
	forged[40] ^= 1
	bad := []string{
		"", "x", strings.Repeat(".", 8000), strings.Repeat("A", 43), string(forged), ticket + "A", ticket[1:],
		h.keys.Ticket(r.ID, r.Generation+1), h.keys.Ticket("0b0e7c1e-0000-4000-8000-000000000000", 1), r.ID,
	}
	var first answer
	for i, ticket := range bad {
		a := h.do("GET", "/api/registration", "", bearer(ticket))
		if i == 0 {
			first = a
		}
		if a.status != 401 || !bytes.Equal(a.body, first.body) {
			t.Errorf("ticket %d: %d %s", i, a.status, a.body)
		}
	}
	// A ticket is a credential: it counts in the header only.
	if a := h.do("GET", "/api/registration?ticket="+ticket+"&access_token="+ticket, ""); a.code() != "ticket-refused" {
		t.Errorf("ticket in the query: %d", a.status)
	}
}

// Whatever is sent, the answer is a receipt or a problem, never a crash and never
// a 5xx.
func FuzzRegistrationBody(f *testing.F) {
	for _, seed := range []string{
		`{"name":"Reader","email":"a@mail.example"}`, `{}`, `[]`, `null`, `"x"`, `{"name":`, ``, `{"name":null,"email":[]}`,
		`{"name":"a","email":"a@b.c","name":"d"}`, "{\"name\":\"\u202e\",\"email\":\"a@mail.example\"}", `{"name":"\ud800","email":"a@mail.example"}`,
		strings.Repeat("[", 20000), `{"name":1e999}`, "\xff\xfe{}", `{"NAME":"Reader","email":"a@mail.example"}`,
	} {
		f.Add(seed)
	}
	h := open(f, nil)
	e := h.event("Fuzzed", time.Hour, nil)
	f.Fuzz(func(t *testing.T, body string) {
		h.t = t
		a := h.do("POST", "/api/events/"+e.ID+"/registrations", body)
		if a.status >= 500 || a.status != 201 && a.code() == "" {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
}
