// Command load measures how many the built binary holds: ten rooms that three
// hundred people enter within half a minute, each until they hear the speaker; a
// room of a hundred into which a hundred chat messages a second are said, while
// one of them does not read; what an idle socket costs; and what five hundred
// comings and goings leave behind. The report is JSON, times in milliseconds;
// a missed goal of reliability is named in it and fails.
//
//	go run ./scripts/attack/load            everything, about two minutes
//	go run ./scripts/attack/load -only chat  one: joins, chat, idle, cycles
//
// Generator and site share the machine: say so when you quote the figures.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"

	"lyceum/scripts/attack/house"
)

// Report is what was measured. Parts that were not asked for are absent.
type Report struct {
	Date   string   `json:"date"`
	Joins  *Joins   `json:"joins,omitempty"`
	Chat   *Chat    `json:"chat,omitempty"`
	Idle   *Idle    `json:"idle,omitempty"`
	Cycles *Cycles  `json:"cycles,omitempty"`
	Missed []string `json:"missed"`
}

func (r *Report) missed(format string, args ...any) {
	r.Missed = append(r.Missed, fmt.Sprintf(format, args...))
}

// parts are what can be measured, in their order.
var parts = []struct {
	name    string
	measure func(context.Context, *house.House, *Report) error
}{{"joins", joins}, {"chat", chat}, {"idle", idle}, {"cycles", cycles}}

func main() {
	binary := flag.String("binary", "build/lyceum", "the built binary")
	only := flag.String("only", "", "one part: joins, chat, idle or cycles")
	flag.Parse()
	report := Report{Date: time.Now().UTC().Format(time.RFC3339), Missed: []string{}}
	for _, p := range parts {
		if *only != "" && *only != p.name {
			continue
		}
		if err := onFreshSite(*binary, func(ctx context.Context, h *house.House) error { return p.measure(ctx, h, &report) }); err != nil {
			fmt.Fprintf(os.Stderr, "load: %s: %v\n", p.name, err)
			os.Exit(1)
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if encoder.Encode(report) != nil || len(report.Missed) > 0 {
		os.Exit(1)
	}
}

// onFreshSite measures on a site that nothing has happened to.
func onFreshSite(binary string, measure func(context.Context, *house.House) error) error {
	dir, err := os.MkdirTemp("", "lyceum-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	h, err := house.Open(ctx, binary, dir)
	if err != nil {
		return err
	}
	defer h.Close()
	if err := measure(ctx, h); err != nil {
		return err
	}
	if !h.Lives() {
		return fmt.Errorf("the process has ended")
	}
	return nil
}

// percentile is the value that share of the times do not exceed, in milliseconds; it sorts them.
func percentile(times []time.Duration, share float64) int64 {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[min(len(times)-1, int(share*float64(len(times))))].Milliseconds()
}
