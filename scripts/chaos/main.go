// Command chaos breaks things on purpose and reads afterwards whether every promise
// held. It drives the built binary over HTTP on loopback, as patrons would, keeps a
// ledger of what it was answered, and compares that with the tables.
//
//	go run ./scripts/chaos r1 -database postgres -rounds 20
//	go run ./scripts/chaos r2 -database sqlite -kills 100
//	go run ./scripts/chaos r2 -database postgres -kills 100 -stops 20
//	go run ./scripts/chaos nodes -clients 1000
//
// r1: a crowd races for the seats of one event, a tenth of it cancels. r2: the
// process is killed (kill -9), or PostgreSQL stopped at once, at random instants
// under load. nodes: two processes share one PostgreSQL and its outbox, and no mail
// goes out twice. The report is JSON on standard output; the exit code is 1 when a
// promise was broken. The figures of the long forms stand in REPORT.md.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// options is one run's command line.
type options struct {
	binary, database             string
	rounds, clients, seats       int
	kills, stops, callers, pause int
	atMost                       time.Duration
}

// report is what both goals say first; the rest is their own.
type report struct {
	Goal     string    `json:"goal"`
	Database string    `json:"database"`
	Date     time.Time `json:"date"`
	Seconds  float64   `json:"seconds"`
	Figures  any       `json:"figures"`
	Broken   []string  `json:"broken"` // promises that did not hold, in words; the first 20
	OK       bool      `json:"ok"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ok, err := run(ctx, os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// run carries out one goal and reports whether all promises held.
func run(ctx context.Context, args []string, out io.Writer) (ok bool, err error) {
	goals := map[string]func(context.Context, options, *judge) (any, error){"r1": raceForSeats, "r2": killUnderLoad, "nodes": shareWork}
	if len(args) == 0 || goals[args[0]] == nil {
		return false, fmt.Errorf("write chaos r1, chaos r2 or chaos nodes")
	}
	var o options
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.StringVar(&o.binary, "binary", "build/lyceum", "the built binary")
	flags.StringVar(&o.database, "database", "sqlite", "sqlite or postgres")
	flags.IntVar(&o.rounds, "rounds", 20, "r1: races, one event each")
	flags.IntVar(&o.clients, "clients", 200, "r1: patrons in a race; nodes: patrons of both nodes")
	flags.IntVar(&o.seats, "seats", 30, "r1: seats of an event")
	flags.IntVar(&o.kills, "kills", 100, "r2: how often the process is killed")
	flags.IntVar(&o.stops, "stops", 0, "r2: how often PostgreSQL is stopped, after the kills")
	flags.IntVar(&o.callers, "callers", 8, "r2: patrons who register at the same time")
	flags.IntVar(&o.pause, "pause", 160, "r2: milliseconds between one patron's registrations; 8 patrons at 160 ms are 50 a second")
	flags.DurationVar(&o.atMost, "at-most", 30*time.Minute, "end of the whole run")
	if err := flags.Parse(args[1:]); err != nil {
		return false, err
	}
	if args[0] == "nodes" {
		o.database = "postgres" // a SQLite file has one process
	}
	ctx, cancel := context.WithTimeout(ctx, o.atMost)
	defer cancel()
	began := time.Now()
	var verdict judge
	figures, err := goals[args[0]](ctx, o, &verdict)
	if err != nil {
		return false, err
	}
	r := report{Goal: args[0], Database: o.database, Date: began.UTC().Truncate(time.Second), Figures: figures, Broken: verdict.said(), OK: verdict.clean()}
	r.Seconds = float64(time.Since(began).Milliseconds()) / 1000
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return r.OK, encoder.Encode(r)
}
