package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"sync"
	"syscall"

	"lyceum/server/registration"
	"lyceum/server/store/ledger"
)

// raceFigures is what R1 measures.
type raceFigures struct {
	Rounds       int `json:"rounds"`
	Clients      int `json:"clients"`
	Seats        int `json:"seats"`
	Registered   int `json:"registered"`   // answered 201
	Cancelled    int `json:"cancelled"`    // answered 204
	Looks        int `json:"looks"`        // at the seats, while the races ran
	MostSeated   int `json:"mostSeated"`   // seats taken at any look
	Oversold     int `json:"oversold"`     // looks with more confirmed than seats, or with a wrong count
	Undersold    int `json:"undersold"`    // races that ended with a free seat while somebody waited
	OutOfOrder   int `json:"outOfOrder"`   // seats given past somebody who waited longer
	AnsweredLost int `json:"answeredLost"` // 201 and not in the table
}

// raceForSeats is R1: everybody registers at once, every tenth cancels at once.
func raceForSeats(ctx context.Context, o options, verdict *judge) (any, error) {
	s, err := newSite(ctx, o)
	if err != nil {
		return nil, err
	}
	defer s.close()
	var events []string
	for range o.rounds {
		id, err := s.addEvent(ctx, o.seats)
		if err != nil {
			return nil, err
		}
		events = append(events, id)
	}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	keys, err := s.tickets()
	if err != nil {
		return nil, err
	}
	figures := &raceFigures{Rounds: o.rounds, Clients: o.clients, Seats: o.seats}
	for _, id := range events {
		answered := race(ctx, s, o, id, keys, figures, verdict)
		books, err := s.books.Read(ctx)
		if err != nil {
			return nil, err
		}
		auditRace(books, id, o, answered, figures, verdict)
	}
	if err := s.stop(syscall.SIGTERM); err != nil {
		verdict.broke("%v", err)
	}
	if verdict.clean() {
		err = os.RemoveAll(s.data)
	}
	return figures, err
}

// race runs one round and returns the ids that were answered.
func race(ctx context.Context, s *site, o options, event string, keys registration.Keys, figures *raceFigures, verdict *judge) []string {
	over, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		watch(ctx, s, event, over, figures, verdict)
	}()
	var mu sync.Mutex
	var answered []string
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range o.clients {
		wg.Go(func() {
			<-start
			r, ok := s.insist(ctx, event, "Reader", fmt.Sprintf("r%d@mail.example", i), rand.Text(), verdict)
			if !ok {
				return
			}
			gone := i%10 == 9
			if gone {
				if status := s.cancel(ctx, keys.Ticket(r.ID, 1)); status != http.StatusNoContent {
					verdict.broke("a cancellation was answered %d", status)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			answered = append(answered, r.ID)
			figures.Registered++
			if gone {
				figures.Cancelled++
			}
		})
	}
	close(start)
	wg.Wait()
	close(over)
	<-watched
	return answered
}

// watch looks at the seats again and again while the race runs: what it sees was
// committed.
func watch(ctx context.Context, s *site, event string, over <-chan struct{}, figures *raceFigures, verdict *judge) {
	for {
		select {
		case <-over:
			return
		default:
		}
		confirmed, taken, capacity, err := s.books.Seats(ctx, event)
		if err != nil {
			verdict.broke("look at the seats: %v", err)
			return
		}
		figures.Looks++
		figures.MostSeated = max(figures.MostSeated, confirmed)
		if confirmed > capacity || taken != confirmed {
			figures.Oversold++
			verdict.broke("%d confirmed and %d counted of %d seats", confirmed, taken, capacity)
		}
	}
}

// auditRace compares the table with what the clients were told.
func auditRace(books ledger.Books, event string, o options, answered []string, figures *raceFigures, verdict *judge) {
	stored := map[string]bool{}
	seated, waiting := 0, 0
	for _, c := range books.Claims { // in the order of the queue
		if c.Event != event {
			continue
		}
		stored[c.ID] = true
		switch c.Status {
		case string(registration.Confirmed):
			if seated++; waiting > 0 {
				figures.OutOfOrder++
				verdict.broke("%s has a seat, and somebody before it waits", c.ID)
			}
		case string(registration.Waitlisted):
			waiting++
		}
	}
	switch {
	case seated > o.seats:
		figures.Oversold++
		verdict.broke("%d of %d seats are taken", seated, o.seats)
	case seated < o.seats && waiting > 0:
		figures.Undersold++
		verdict.broke("%d of %d seats are taken while %d wait", seated, o.seats, waiting)
	}
	for _, id := range answered {
		if !stored[id] {
			figures.AnsweredLost++
			verdict.broke("%s was answered and is not in the table", id)
		}
	}
}
