package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lyceum/server/registration"
	"lyceum/server/store"
)

// register takes a seat over HTTP and answers the registration's id.
func register(t *testing.T, url, event, email string) string {
	t.Helper()
	answer, err := http.Post(url+"/api/events/"+event+"/registrations", "application/json", strings.NewReader(`{"name":"Reader One","email":"`+email+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var made struct{ ID string }
	if err := json.NewDecoder(answer.Body).Decode(&made); err != nil || answer.StatusCode != 201 {
		t.Fatalf("register: %s %v", answer.Status, err)
	}
	return made.ID
}

// The restore drill: a site with registrations is backed up while it runs, its
// folder is lost, and the ticket out of an old mail still opens the seat.
func TestALostSiteComesBackFromItsBackup(t *testing.T) {
	data, kept := t.TempDir(), filepath.Join(t.TempDir(), "kept.tar.gz")
	env := demoEnv(data)
	url, stop := startServe(t, env)
	event, said, code := command(t, env, "event", "add", "--title", "A talk", "--starts", "2031-01-31T18:00:00Z")
	if code != 0 {
		t.Fatal(said)
	}
	seat := register(t, url, event, "reader@mail.example")
	keys, err := loadSecret(filepath.Join(data, "secret.json"), false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ticket := registration.Keys{Site: keys.Site}.Ticket(seat, 1)
	if err := os.MkdirAll(filepath.Join(data, "files", "posters"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "files", "posters", "a.png"), []byte("a picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, said, code := command(t, env, "backup", kept); code != 0 {
		t.Fatal(said)
	}
	if info, err := os.Stat(kept); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the backup: %v %v", info, err)
	}
	if _, said, code := command(t, env, "restore", kept); code == 0 || !strings.Contains(said, "another Lyceum is running") {
		t.Errorf("restored over a running site: %s", said)
	}
	stop()
	if _, said, code := command(t, env, "restore", kept); code == 0 || !strings.Contains(said, "is there already") && !strings.Contains(said, "is not empty") {
		t.Errorf("restored over a site: %s", said)
	}

	again := demoEnv(filepath.Join(t.TempDir(), "new"))
	if _, said, code := command(t, again, "restore", kept); code != 0 {
		t.Fatal(said)
	}
	url, _ = startServe(t, again)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/api/registration", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+ticket)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 200 {
		t.Errorf("the old ticket: %s", answer.Status)
	}
	folder := strings.TrimPrefix(again[0], "LYCEUM_DATA=")
	if text, err := os.ReadFile(filepath.Join(folder, "files", "posters", "a.png")); err != nil || string(text) != "a picture" {
		t.Errorf("the upload: %v", err)
	}
}

// A backup that is not whole, or tries to write elsewhere, changes nothing.
func TestABadBackupChangesNothing(t *testing.T) {
	data := t.TempDir()
	env := demoEnv(data)
	if _, said, code := command(t, env, "event", "add", "--title", "A talk", "--starts", "2031-01-31T18:00:00Z"); code != 0 {
		t.Fatal(said)
	}
	if _, said, code := command(t, env, "secret", "make"); code != 0 {
		t.Fatal(said)
	}
	good := filepath.Join(t.TempDir(), "good.tar.gz")
	if _, said, code := command(t, env, "backup", good); code != 0 {
		t.Fatal(said)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	for name, text := range map[string][]byte{
		"no archive":             []byte("hello"),
		"one that is cut off":    whole[:len(whole)*2/3],
		"one with a flipped bit": flipped,
		"one without a secret":   archiveOf(t, map[string]string{backupAbout: `{"format":1}`, backupDatabase: "x"}),
		"one of the future":      archiveOf(t, map[string]string{backupAbout: `{"format":9}`}),
		"one that climbs out":    archiveOf(t, map[string]string{backupAbout: `{"format":1}`, "files/../../out": "x"}),
		"one with other files":   archiveOf(t, map[string]string{backupAbout: `{"format":1}`, "lock": "x"}),
		"one with no database":   archiveOf(t, map[string]string{backupAbout: `{"format":1}`, backupDatabase: "not SQL", backupSecret: mustRead(t, filepath.Join(data, "secret.json"))}),
	} {
		t.Run(name, func(t *testing.T) {
			bad, folder := filepath.Join(t.TempDir(), "bad.tar.gz"), filepath.Join(t.TempDir(), "new")
			if err := os.WriteFile(bad, text, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, said, code := command(t, demoEnv(folder), "restore", bad); code != 1 || strings.Count(said, "\n") != 1 {
				t.Errorf("code %d: %s", code, said)
			}
			entries, err := os.ReadDir(folder)
			if err != nil || len(entries) > 1 {
				t.Errorf("left behind: %v %v", entries, err)
			}
		})
	}
}

func archiveOf(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	archive := tar.NewWriter(packed)
	for name, text := range files {
		if err := archive.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A backup is of one moment, also while the site writes.
func TestABackupIsOfOneMoment(t *testing.T) {
	data := t.TempDir()
	s, err := store.Open(t.Context(), "sqlite:", data, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			_ = s.SaveMailProof(ctx, "again", time.Now())
		}
	}()
	for range 5 {
		to := filepath.Join(t.TempDir(), "copy.db")
		if err := store.Copy(t.Context(), "sqlite:", data, to); err != nil {
			t.Fatal(err)
		}
		if looked, err := store.Look(t.Context(), "sqlite:"+to, ""); err != nil || looked.Version != looked.Newest {
			t.Errorf("the copy: %+v %v", looked, err)
		}
	}
	stop()
	<-done
}
