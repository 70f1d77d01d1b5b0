package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/store"
)

// crashFolder names the folder for the process that is going to be killed.
const crashFolder = "LYCEUM_TEST_CRASH_FOLDER"

// TestMain turns this test binary into the victim when it was started as one.
func TestMain(m *testing.M) {
	if folder := os.Getenv(upgradeFolder); folder != "" {
		upgradeUntilKilled(folder)
		return
	}
	if folder := os.Getenv(crashFolder); folder != "" {
		registerUntilKilled(folder)
		return
	}
	code := m.Run()
	if err := postgres.End(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// A process killed in the middle of its work keeps every promise it made:
// what it answered is in the file, and the seats add up.
func TestKilledProcessKeepsWhatItAnswered(t *testing.T) {
	folder := t.TempDir()
	victim := exec.CommandContext(t.Context(), os.Args[0])
	victim.Env = append(os.Environ(), crashFolder+"="+folder)
	victim.Stderr = os.Stderr
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	var eventID string
	var answered []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		kind, id, complete := strings.Cut(lines.Text(), " ")
		if !complete || len(id) != 36 { // the kill may cut the last line
			continue
		}
		if kind == "event" {
			eventID = id
			continue
		}
		if answered = append(answered, id); len(answered) == 300 {
			if err := victim.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	victim.Wait() // the error says that it was killed
	if len(answered) < 300 {
		t.Fatalf("the victim answered only %d times", len(answered))
	}
	s := openSQLite(t, folder)
	defer s.Close()
	for _, id := range answered {
		if _, err := s.Registration(t.Context(), id); err != nil {
			t.Errorf("answered, then lost: %v", err)
		}
	}
	e, err := s.Event(t.Context(), eventID)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.RegistrationsOfEvent(t.Context(), eventID)
	if err != nil {
		t.Fatal(err)
	}
	mails, err := s.ClaimOutbox(t.Context(), "a", 100_000, time.Minute, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if e.Taken+e.Waiting != len(rows) || len(mails) != len(rows) {
		t.Errorf("%d taken, %d waiting, %d rows, %d mails", e.Taken, e.Waiting, len(rows), len(mails))
	}
}

// registerUntilKilled registers from many goroutines and prints each answer. It
// ends by itself only when something is wrong.
func registerUntilKilled(folder string) {
	ctx, now := context.Background(), time.Now()
	s, err := store.Open(ctx, "sqlite:", folder, quiet)
	if err != nil {
		panic(err)
	}
	e, err := event.New(uuid.NewString(), event.Draft{Title: "t", Kind: event.Class, StartsAt: now, Capacity: 100}, now)
	if err == nil {
		err = s.AddEvent(ctx, e)
	}
	if err != nil {
		panic(err)
	}
	fmt.Println("event", e.ID)
	keys := registration.Keys{Site: []byte("a key for tests, 32 bytes long ..")}
	var mu sync.Mutex // one line at a time
	var wg sync.WaitGroup
	for w := range 20 {
		wg.Go(func() {
			for i := range 5000 {
				mail := fmt.Sprintf("r%d-%d@example.org", w, i)
				r, err := s.Register(ctx, store.RegisterInput{
					EventID: e.ID, Applicant: registration.Applicant{Name: "n", Email: mail}, Person: keys.Person(mail), Now: now,
				})
				if err != nil {
					panic(err)
				}
				mu.Lock()
				fmt.Println("answered", r.ID)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}
