package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"lyceum/server/registration"
)

// tape keeps all that a process writes, and shows it to a screen too.
type tape struct {
	mu     sync.Mutex
	kept   bytes.Buffer
	screen io.Writer
}

func (t *tape) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept.Write(b)
	_, _ = t.screen.Write(b) // the screen may be full; the tape is not
	return len(b), nil
}

func (t *tape) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.kept.String()
}

// S21: a site lives through a day, and nothing of a person, no ticket, token,
// code or password stands in its log, nor in what its errors answer.
func TestNothingOfAPersonIsLogged(t *testing.T) {
	data := t.TempDir()
	env := append(demoEnv(data), "LYCEUM_MAIL_URL=file:"+filepath.Join(data, "mail"))
	ctx, cancel := context.WithCancel(t.Context())
	screen := newScreen()
	log := &tape{screen: screen}
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, console{out: log, err: log, now: time.Now, env: env}, []string{"serve"}) }()
	url := screen.until(t, `Lyceum is running at (\S+)`)[1]

	link, _, _ := command(t, env, "staff", "add", "canary-desk@library.invalid", "--right", "admin")
	_, code, _ := strings.Cut(link, "#")
	event, said, exit := command(t, env, "event", "add", "--title", "A talk", "--starts", "now")
	if exit != 0 {
		t.Fatal(said)
	}
	token, _, _ := command(t, env, "token", "--event", event, "--role", "host", "--name", "Canary Host")
	seat := register(t, url, event, "canary-reader@mail.example")
	keys, err := loadSecret(filepath.Join(data, "secret.json"), false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ticket := registration.Keys{Site: keys.Site}.Ticket(seat, 1)

	var answers bytes.Buffer
	send := func(method, path, bearer, body string) string {
		request, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if bearer != "" {
			request.Header.Set("Authorization", "Bearer "+bearer)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Origin", url)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode >= 400 {
			answers.Write(text)
		}
		return string(text)
	}
	joined := send("POST", "/api/rooms/"+event+"/join", ticket, `{}`)
	pass := regexp.MustCompile(`"token":"([^"]+)"`).FindStringSubmatch(joined)
	if pass == nil {
		t.Fatalf("join: %s", joined)
	}
	send("POST", "/api/staff/sign-in-link", "", `{"email":"canary-desk@library.invalid"}`)
	send("POST", "/api/staff/session", "", `{"code":"`+code+`"}`)
	send("POST", "/api/staff/session", "", `{"code":"canary-guess"}`)
	send("GET", "/my?ticket="+ticket, "", "")
	send("GET", "/no/such/"+ticket+"/canary-reader@mail.example", "", "")
	send("POST", "/whip/"+event, token, "v=0 canary-description")
	send("POST", "/api/events/"+event+"/registrations", "", `{"name":"Canary Reader","email":"canary-reader@mail.example","canary-field":1}`)
	send("POST", "/api/events/"+event+"/registrations", "", `{"name":"Canary Reader","email":"canary-reader"}`)
	send("DELETE", "/api/registration", ticket, "")
	send("GET", "/api/registration", ticket, "")
	if _, said, exit := command(t, env, "mail", "test", "canary-desk@library.invalid"); exit != 0 {
		t.Error(said)
	}
	cancel()
	if exit := <-ended; exit != 0 {
		t.Errorf("serve ended with code %d", exit)
	}
	written := log.text()
	if !strings.Contains(written, "route=/api/registration") {
		t.Fatalf("the log has no requests, so this proves nothing: %s", written)
	}
	for name, secret := range map[string]string{
		"a mail address": "canary-reader", "a staff address": "canary-desk", "a ticket": ticket, "a sign-in code": code, "a guess": "canary-guess",
		"a token of a tool": token, "a token of a ticket": pass[1], "a description": "canary-description", "a field": "canary-field", "a name": "Canary",
	} {
		for place, text := range map[string]string{"the log": written, "an error's answer": answers.String()} {
			if place == "an error's answer" && name == "a field" {
				continue // the sender is told which of its own fields is unknown
			}
			if strings.Contains(text, secret) {
				at := strings.Index(text, secret)
				t.Errorf("%s stands in %s: ...%s", name, place, text[max(0, at-150):min(len(text), at+60)])
			}
		}
	}
}
