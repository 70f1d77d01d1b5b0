// Command reminders is the long form of goal R4: many reminders through a hostile mail server while the whole process is
// killed again and again and the bus loses its folder.
//
//	go run ./scripts/chaos/reminders -people 2000 -kills 20 -wipes 5 > build/reminders.json
//
// It needs build/lyceum (./scripts/build). It seats people in SQL, starts the built binary so that the reminder of one hour
// is due at once, kills it with SIGKILL at random moments, deletes the JetStream folder before some of the restarts, and
// waits until everybody who can be reached has a mail. What it found is one JSON object on standard output; it ends with 1
// when anybody is missing, when a mail came twice to somebody the kills do not explain, or under two Message-IDs.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"lyceum/scripts/fakes/mailsink"
	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/store"
)

// report is what a run found. Doubled counts recipients whose mail came more than once: Silent is how many of them the
// server made, InFlight how many a kill may have made (at most eight sends are under way at a kill).
type report struct {
	People, Reachable, Missing, Doubled, Silent, InFlight, OtherIDs int
	Kills, Wipes                                                    int
	Seconds, SecondsAfterLastKill                                   float64
}

const inFlight = 8 // sends at a time: the bus's handlers

func main() {
	people := flag.Int("people", 2000, "who has a seat")
	kills := flag.Int("kills", 20, "how often the process is killed")
	wipes := flag.Int("wipes", 5, "at how many of the kills the bus's folder is deleted")
	patience := flag.Duration("patience", 10*time.Minute, "how long to wait for the last mail")
	flag.Parse()
	r, err := run(*people, *kills, *wipes, *patience)
	if err != nil {
		fmt.Fprintln(os.Stderr, "reminders:", err)
		os.Exit(1)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	if out.Encode(r) != nil || r.Missing > 0 || r.OtherIDs > 0 || r.InFlight > inFlight*r.Kills {
		os.Exit(1)
	}
}

func run(people, kills, wipes int, patience time.Duration) (report, error) {
	r := report{People: people, Kills: kills, Wipes: wipes}
	sink, err := mailsink.Open(2 * time.Second)
	if err != nil {
		return r, err
	}
	defer sink.Close()
	dir, err := os.MkdirTemp("", "lyceum-reminders-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	if err := seat(dir, people); err != nil {
		return r, err
	}
	began := time.Now()
	var site *exec.Cmd
	for n := range kills + 1 {
		if site, err = start(dir, sink.URL()); err != nil {
			return r, err
		}
		if n == kills {
			break
		}
		time.Sleep(500*time.Millisecond + rand.N(2*time.Second)) // the fault's own random moment, not a wait for a state
		end(site)
		if n < wipes {
			if err := os.RemoveAll(filepath.Join(dir, "bus")); err != nil {
				return r, err
			}
		}
	}
	defer end(site)
	lastKill := time.Now()
	for give := time.Now().Add(patience); time.Now().Before(give); time.Sleep(200 * time.Millisecond) {
		if count(sink.Taken(), people, &r); r.Missing == 0 {
			break
		}
	}
	r.Seconds, r.SecondsAfterLastKill = time.Since(began).Seconds(), time.Since(lastKill).Seconds()
	return r, nil
}

// seat registers everybody for an event whose last reminder is due in two seconds; the mails of the registrations count as sent.
func seat(dir string, people int) error {
	ctx := context.Background()
	db, err := store.Open(ctx, "sqlite:", dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer db.Close()
	e, err := event.New(uuid.NewString(), event.Draft{Title: "The Long Night", Kind: event.AuthorTalk, StartsAt: time.Now().Add(time.Hour + 2*time.Second), Capacity: people}, time.Now())
	if err != nil {
		return err
	}
	if err := db.AddEvent(ctx, e); err != nil {
		return err
	}
	var wg sync.WaitGroup
	failed := make(chan error, people) // one for each
	for n := range people {
		wg.Go(func() {
			_, err := db.Register(ctx, store.RegisterInput{EventID: e.ID, Person: fmt.Sprint("person", n), Now: time.Now().Add(-100 * 24 * time.Hour),
				Applicant: registration.Applicant{Name: "Avid Reader", Email: addressOf(n)}})
			failed <- err
		})
	}
	wg.Wait()
	for range people {
		if err := <-failed; err != nil {
			return err
		}
	}
	return forget(ctx, db)
}

func forget(ctx context.Context, db *store.Store) error {
	for {
		rows, err := db.ClaimOutbox(ctx, "chaos", 1000, time.Hour, time.Now())
		if err != nil || len(rows) == 0 {
			return err
		}
		ids := make([]string, len(rows))
		for i, row := range rows {
			ids[i] = row.ID
		}
		if err := db.OutboxRelayed(ctx, ids, time.Now().Add(-30*24*time.Hour)); err != nil { // older than a reissue looks back
			return err
		}
	}
}

// addressOf gives one in five of class later, one in twenty each of never and silent, one in a hundred of slow.
func addressOf(n int) string {
	class := "fine"
	switch {
	case n%100 == 7:
		class = "slow"
	case n%20 == 3:
		class = "never"
	case n%20 == 9:
		class = "silent"
	case n%5 == 1:
		class = "later"
	}
	return fmt.Sprintf("%s%d@mail.example", class, n)
}

func start(dir, mail string) (*exec.Cmd, error) {
	cmd := exec.Command("build/lyceum", "serve")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LYCEUM_DATA=" + dir, "LYCEUM_LISTEN=127.0.0.1:0", "LYCEUM_MEDIA_ADDR=127.0.0.1:0", "LYCEUM_MAIL_URL=" + mail}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start build/lyceum (run ./scripts/build first): %w", err)
	}
	return cmd, nil
}

func end(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

func count(taken map[string][]string, people int, r *report) {
	r.Reachable, r.Missing, r.Doubled, r.Silent, r.InFlight, r.OtherIDs = 0, 0, 0, 0, 0, 0
	for n := range people {
		to := addressOf(n)
		if strings.HasPrefix(to, "never") {
			continue
		}
		r.Reachable++
		ids := taken[to]
		switch {
		case len(ids) == 0:
			r.Missing++
			continue
		case len(ids) == 1:
			continue
		}
		r.Doubled++
		if strings.HasPrefix(to, "silent") {
			r.Silent++
		} else {
			r.InFlight++
		}
		for _, id := range ids {
			if id != ids[0] {
				r.OtherIDs++
				break
			}
		}
	}
}
