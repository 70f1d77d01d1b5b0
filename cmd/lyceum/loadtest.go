package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"lyceum/signaling/client/load"
)

// What a load test may do at most.
const (
	loadSubscribers = 1000
	loadSpan        = 10 * time.Minute
	loadAtOnce      = 8 // joins under way at the same time
)

// loadResult is printed as JSON. Times are in milliseconds.
type loadResult struct {
	Media       load.Media `json:"media"`
	Subscribers int        `json:"subscribers"`
	Failed      int        `json:"failedJoins"`
	JoinP50     float64    `json:"joinP50"`
	JoinP99     float64    `json:"joinP99"`
	Seconds     float64    `json:"seconds"`
	Packets     int64      `json:"packets"`
	LostPercent float64    `json:"lostPercent"`
	DelayP50    float64    `json:"delayP50"`
	DelayP99    float64    `json:"delayP99"`
	Wrong       int64      `json:"wrongPackets"`
}

// loadtestCommand puts one room of a running site under load, from here. It is
// no part of the site: all it needs are the site's address and tokens.
func loadtestCommand(ctx context.Context, c console, args []string) error {
	flags := flag.NewFlagSet("loadtest", flag.ContinueOnError)
	site := flags.String("site", "http://127.0.0.1:8080", "")
	event := flags.String("event", "", "")
	file := flags.String("tokens", "", "")
	media := flags.String("media", string(load.Bursty), "")
	count := flags.Int("subscribers", 50, "")
	span := flags.Duration("for", 20*time.Second, "")
	if _, err := parse(flags, args); err != nil {
		return err
	}
	at, err := url.Parse(*site)
	switch {
	case err != nil || at.Host == "" || *event == "" || *file == "":
		return misused("write: lyceum loadtest --site URL --event ID --tokens FILE [--media audio] [--subscribers 50] [--for 20s]")
	case *count < 1 || *count > loadSubscribers:
		return misused("--subscribers must be between 1 and %d.", loadSubscribers)
	case *span < time.Second || *span > loadSpan:
		return misused("--for must be between 1s and %s.", loadSpan)
	case !load.Media(*media).Known():
		return misused("there is no media %q. Choose audio, video or bursty.", *media)
	}
	tokens, err := readTokens(*file, *count)
	if err != nil {
		return err
	}
	to := load.Target{
		Publish: at.JoinPath("whip", *event).String(), PublishToken: tokens[0],
		Play: at.JoinPath("whep", *event).String(), PlayTokens: tokens[1 : *count+1],
	}
	// Joining is bounded as well: whoever is not in by then will not be.
	ctx, cancel := context.WithTimeout(ctx, *span+2*time.Minute)
	defer cancel()
	result, err := underLoad(ctx, c, to, load.Media(*media), *count, *span)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out, string(text))
	if result.Failed > 0 {
		return refuse("%d of %d could not join.", result.Failed, *count)
	}
	return nil
}

// readTokens reads the publisher's token and those of count subscribers.
func readTokens(file string, count int) ([]string, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, refuse("there is no file %s.", file)
	} else if err != nil {
		return nil, refuse("%s cannot be read: %v.", file, err)
	}
	tokens := strings.Fields(string(text))
	if len(tokens) <= count {
		return nil, refuse("%s has %d tokens. It needs one of a speaker and then %d of attendees, one a line: lyceum token prints them.", file, len(tokens), count)
	}
	return tokens, nil
}

func underLoad(ctx context.Context, c console, to load.Target, m load.Media, count int, span time.Duration) (loadResult, error) {
	fleet, err := load.Publish(ctx, to, m)
	if err != nil {
		return loadResult{}, refuse("nothing could be published: %v.", err)
	}
	defer fleet.Close(context.WithoutCancel(ctx))
	fmt.Fprintf(c.err, "%d are joining\n", count)
	joins := fleet.Join(ctx, count, loadAtOnce)
	if joins.Joined == 0 {
		return loadResult{}, refuse("nobody could join: %v.", joins.Err)
	}
	fmt.Fprintf(c.err, "%d are in; watching for %s\n", joins.Joined, span)
	seen, err := fleet.Observe(ctx, span, nil)
	if err != nil {
		return loadResult{}, refuse("it was stopped before it ended.")
	}
	return loadResult{
		Media: m, Subscribers: joins.Joined, Failed: joins.Failed,
		JoinP50: inMilliseconds(joins.P50), JoinP99: inMilliseconds(joins.P99),
		Seconds: seen.Took.Seconds(), Packets: seen.Packets, LostPercent: 100 * seen.Lost,
		DelayP50: inMilliseconds(seen.P50), DelayP99: inMilliseconds(seen.P99), Wrong: seen.Wrong,
	}, nil
}

func inMilliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
