// Command media attacks the media port of the built binary while a talk runs: an
// authenticated patron on the stage sends a million mutated RTP and RTCP packets
// under its own good keys; then a stranger sprays ClientHellos and STUN requests
// while a hundred people come in; and somebody connects with a certificate that
// is not the announced one. The process must live, the others must lose at most
// one packet in a hundred, every handshake must succeed, and the impostor must
// get nothing (S11). The report is JSON; a broken promise fails.
//
//	go run ./scripts/attack/media                                  the long form
//	go run ./scripts/attack/media -packets 100000 -handshakes 100  a short one
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"time"

	"lyceum/scripts/attack/house"
)

// Options of one run.
type Options struct {
	Binary     string
	Packets    int // mutated ones
	Rate       int // of them, a second
	Handshakes int
}

// Report is what was seen.
type Report struct {
	Date             string   `json:"date"`
	Mutated          int      `json:"mutatedPackets"`
	Seconds          float64  `json:"secondsOfMutation"`
	LossPercent      float64  `json:"othersWorstLossPercent"`
	Longest          int64    `json:"othersLongestGapMs"`
	Forwarded        uint64   `json:"mutatedPacketsForwarded"` // that the listeners got: they did reach the forwarder
	CutOff           string   `json:"attackerCutOff,omitempty"`
	Sprayed          int64    `json:"sprayedPackets"`
	Handshakes       int      `json:"handshakes"`
	HandshakesFailed int      `json:"handshakesFailed"`
	SlowestJoin      int64    `json:"slowestHandshakeMs"`
	ImpostorPackets  int64    `json:"impostorPackets"`
	Broken           []string `json:"broken"` // must be empty
}

func main() {
	o := Options{}
	flag.StringVar(&o.Binary, "binary", "build/lyceum", "the built binary")
	flag.IntVar(&o.Packets, "packets", 1_000_000, "mutated packets")
	flag.IntVar(&o.Rate, "rate", 16000, "mutated packets a second")
	flag.IntVar(&o.Handshakes, "handshakes", 100, "people who come in during the spray")
	flag.Parse()
	report, err := run(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if encoder.Encode(report) != nil || len(report.Broken) > 0 {
		os.Exit(1)
	}
}

func run(o Options) (report Report, err error) {
	dir, err := os.MkdirTemp("", "lyceum-media-")
	if err != nil {
		return report, err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	h, err := house.Open(ctx, o.Binary, dir)
	if err != nil {
		return report, err
	}
	defer h.Close()
	server, err := net.ResolveUDPAddr("udp4", h.Media)
	if err != nil {
		return report, err
	}
	report.Date, report.Broken = time.Now().UTC().Format(time.RFC3339), []string{}
	t, err := openTalk(ctx, h)
	if err != nil {
		return report, err
	}
	defer t.close()
	for _, act := range []func(context.Context, *talk, net.Addr, Options, *Report) error{mutation, handshakes, impostor} {
		if err := act(ctx, t, server, o, &report); err != nil {
			return report, err
		}
	}
	if !h.Lives() {
		report.broken("the process has ended")
	}
	return report, nil
}

func (r *Report) broken(format string, args ...any) {
	r.Broken = append(r.Broken, fmt.Sprintf(format, args...))
}
