// Command room shows that a live room survives its stores: a host who speaks and
// nineteen who listen sit in a room of the built binary while its Redis is
// restarted empty, stopped and slowed, and while the process itself is killed.
// It measures the longest gap in the media, whether a mute holds while Redis
// does not answer, how fast everybody is back after the kill, and whether any
// chat message was lost or doubled. The report is JSON on standard output.
//
//	go run ./scripts/chaos/room            the long form: Redis stopped for 10 s
//	go run ./scripts/chaos/room -stall 2s -messages 200
//
// All of it stays on loopback and ends by itself.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

// Options of one run.
type Options struct {
	Binary   string        // the built lyceum
	People   int           // in the room, the host included
	Messages int           // of chat, over all phases
	Stall    time.Duration // how long Redis is stopped
}

// Report is what was seen. Times are in milliseconds.
type Report struct {
	Date             string           `json:"date"`
	People           int              `json:"people"`
	MediaGap         map[string]int64 `json:"mediaGapMs"`       // fault -> the longest gap any listener had
	MuteDone         int64            `json:"muteDoneMs"`       // from the click to done, Redis stopped
	PacketsAfterMute uint64           `json:"packetsAfterMute"` // later than 100 ms after done, at any listener
	RemoveDone       int64            `json:"removeDoneMs"`     // from the click to done, Redis stopped
	BackAfterKill    int64            `json:"backAfterKillMs"`  // process started -> the last listener has media
	Messages         int              `json:"messages"`         // chat messages acknowledged
	Lost             int              `json:"messagesLost"`     // acknowledged, and missing at somebody
	Doubled          int              `json:"messagesDoubled"`  // seen twice by somebody
	Wrong            []string         `json:"wrong"`            // roles, hands, mutes or bans that did not hold
}

func main() {
	o := Options{}
	flag.StringVar(&o.Binary, "binary", "build/lyceum", "the built binary")
	flag.IntVar(&o.People, "people", 20, "participants, the host included")
	flag.IntVar(&o.Messages, "messages", 1000, "chat messages over all phases")
	flag.DurationVar(&o.Stall, "stall", 10*time.Second, "how long Redis is stopped")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "lyceum-chaos-")
	if err == nil {
		defer os.RemoveAll(dir)
		var report Report
		if report, err = Run(ctx, o, dir); err == nil {
			encoder := json.NewEncoder(os.Stdout)
			encoder.SetIndent("", "  ")
			err = encoder.Encode(report)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
