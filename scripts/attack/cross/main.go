// Command cross fills twenty rooms of the built binary with a speaking host, a
// listener and one hostile patron each, who for ten minutes guesses the ids,
// messages, resume secrets and media addresses of the other rooms while everybody
// does random things. Ids, texts and even the size of a room's audio packets tell
// where they belong, so anything that crosses is seen: an event, a roster entry, a
// chat line or a packet. The report is JSON; any crossing fails.
//
//	go run ./scripts/attack/cross                      the long form
//	go run ./scripts/attack/cross -for 10s -rooms 6    a short one
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
	"time"

	"lyceum/scripts/attack/house"
)

// Options of one run.
type Options struct {
	Binary string
	Rooms  int
	For    time.Duration
	Seed   uint64 // of the random choices
}

// Report is what was done and seen.
type Report struct {
	Date      string   `json:"date"`
	Rooms     int      `json:"rooms"`
	Seconds   float64  `json:"seconds"`
	Friendly  int      `json:"friendlyOperations"`
	Hostile   int      `json:"hostileAttempts"`
	Events    int      `json:"eventsChecked"`
	Packets   uint64   `json:"packetsChecked"`
	Crossings []string `json:"crossings"` // must be empty
}

func main() {
	o := Options{}
	flag.StringVar(&o.Binary, "binary", "build/lyceum", "the built binary")
	flag.IntVar(&o.Rooms, "rooms", 20, "rooms")
	flag.DurationVar(&o.For, "for", 10*time.Minute, "how long")
	flag.Uint64Var(&o.Seed, "seed", 1, "of the random choices")
	flag.Parse()
	report, err := run(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if encoder.Encode(report) != nil || len(report.Crossings) > 0 {
		os.Exit(1)
	}
}

func run(o Options) (Report, error) {
	dir, err := os.MkdirTemp("", "lyceum-cross-")
	if err != nil {
		return Report{}, err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), o.For+2*time.Minute)
	defer cancel()
	h, err := house.Open(ctx, o.Binary, dir)
	if err != nil {
		return Report{}, err
	}
	defer h.Close()
	return Run(ctx, h, o)
}

// Run attacks the rooms of a running site.
func Run(ctx context.Context, h *house.House, o Options) (Report, error) {
	town := &town{house: h, seed: o.Seed}
	defer town.leave()
	if err := town.open(ctx, o.Rooms); err != nil {
		return Report{}, err
	}
	began := time.Now()
	over, stop := context.WithTimeout(ctx, o.For)
	defer stop()
	failures := make(chan error, 2*len(town.rooms)) // one for each actor
	var all sync.WaitGroup
	for _, r := range town.rooms {
		all.Go(func() { failures <- r.live(ctx, over.Done()) })
		all.Go(func() { failures <- r.attack(ctx, over.Done()) })
	}
	all.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			return Report{}, err
		}
	}
	report := town.report()
	report.Seconds = time.Since(began).Seconds()
	if !h.Lives() {
		return report, fmt.Errorf("cross: the site's process has ended")
	}
	return report, nil
}
