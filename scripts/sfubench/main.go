// Command sfubench measures what Lyceum's media plane costs beside bare
// fan-outs over pion, in the same minutes: server CPU per packet that reached
// a subscriber, delay, loss, memory and joins. Servers run one at a time,
// pinned to one core from their start; this process, which is the publisher and
// all subscribers, has the other. Only ratios of interleaved runs mean
// anything, so every round runs every server once and the table shows medians.
// A run with loss, failed joins or wrong content is invalid and named.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"lyceum/signaling/client/load"
)

// The cores of a run.
const (
	serverCore = 0
	clientCore = 1
)

type options struct {
	levels []int
	media  []load.Media
	rounds int
	span   time.Duration
	storm  int
	only   string
}

func main() {
	var o options
	levels := flag.String("levels", "10,50,100,200", "numbers of subscribers, growing")
	media := flag.String("media", "video,audio,bursty", "what is sent")
	flag.IntVar(&o.rounds, "rounds", 3, "how often every server runs")
	flag.DurationVar(&o.span, "span", 4*time.Second, "length of one measurement")
	flag.IntVar(&o.storm, "storm", 100, "so many join at once, in runs of their own; 0 for none")
	flag.StringVar(&o.only, "only", "", "run only the server with this name")
	folder := flag.String("programs", "build", "folder with the programs lyceum, reference and floor")
	out := flag.String("json", "build/bench/media.json", "file for the results")
	budget := flag.String("budget", "", "file with the limits to hold")
	flag.Parse()
	for _, s := range strings.Split(*levels, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			fail(fmt.Errorf("-levels: %q is not a number of subscribers", s))
		}
		o.levels = append(o.levels, n)
	}
	for _, s := range strings.Split(*media, ",") {
		o.media = append(o.media, load.Media(s))
	}
	programs, err := filepath.Abs(*folder)
	if err != nil {
		fail(err)
	}
	if err := pin(); err != nil {
		fail(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, unix.SIGTERM)
	defer stop()
	r := &report{Levels: o.levels, Media: o.media}
	if err := r.floors(ctx, programs, o.levels); err != nil {
		fail(err)
	}
	if err := r.measure(ctx, programs, o); err != nil {
		fail(err)
	}
	r.summarise()
	r.print(os.Stdout)
	if err := r.write(*out); err != nil {
		fail(err)
	}
	if *budget != "" {
		if err := r.check(*budget); err != nil {
			fail(err)
		}
	}
}

// pin keeps this process, and what it starts without saying otherwise, on the
// client's core.
func pin() error {
	runtime.GOMAXPROCS(1)
	var set unix.CPUSet
	set.Set(clientCore)
	tasks, err := filepath.Glob("/proc/self/task/*")
	if err != nil {
		return err
	}
	for _, t := range tasks {
		id, _ := strconv.Atoi(filepath.Base(t))
		if err := unix.SchedSetaffinity(id, &set); err != nil {
			return fmt.Errorf("pin to core %d: %w (two cores are needed)", clientCore, err)
		}
	}
	return nil
}

func (r *report) measure(ctx context.Context, programs string, o options) error {
	for round := range o.rounds {
		for _, m := range o.media {
			for _, s := range servers {
				if o.only != "" && s.name != o.only {
					continue
				}
				fmt.Fprintf(os.Stderr, "round %d of %d: %s, %s\n", round+1, o.rounds, s.name, m)
				if err := r.run(ctx, programs, s, m, o); err != nil {
					return fmt.Errorf("%s, %s: %w", s.name, m, err)
				}
			}
		}
	}
	return nil
}

// run starts one server and takes it through the levels, then a storm in a
// server of its own.
func (r *report) run(ctx context.Context, programs string, s server, m load.Media, o options) error {
	most := o.levels[len(o.levels)-1]
	p, target, err := s.start(ctx, programs, most)
	if err != nil {
		return err
	}
	defer p.stop()
	f, err := load.Publish(ctx, target, m)
	if err != nil {
		return err
	}
	defer f.Close(context.WithoutCancel(ctx))
	have := 0
	for _, n := range o.levels {
		joins := f.Join(ctx, n-have, 8)
		have = n
		cell, err := observe(ctx, f, p, o.span)
		if err != nil {
			return err
		}
		cell.Server, cell.Media, cell.Subscribers, cell.Failed = s.name, m, n, joins.Failed
		cell.JoinP50, cell.JoinP99 = milliseconds(joins.P50), milliseconds(joins.P99)
		r.add(cell)
	}
	if o.storm == 0 || m != load.Video {
		return nil
	}
	p.stop()
	return r.rush(ctx, programs, s, o.storm)
}

func (r *report) rush(ctx context.Context, programs string, s server, n int) error {
	p, target, err := s.start(ctx, programs, n)
	if err != nil {
		return err
	}
	defer p.stop()
	f, err := load.Publish(ctx, target, load.Video)
	if err != nil {
		return err
	}
	defer f.Close(context.WithoutCancel(ctx))
	before := p.usage()
	joins := f.Join(ctx, n, n)
	after := p.usage()
	r.Storms = append(r.Storms, storm{
		Server: s.name, Joined: joins.Joined, Failed: joins.Failed,
		PerSecond: float64(joins.Joined) / joins.Took.Seconds(), P50: milliseconds(joins.P50), P99: milliseconds(joins.P99),
		CPU: milliseconds(after.cpu-before.cpu) / float64(max(joins.Joined, 1)),
	})
	return nil
}

func observe(ctx context.Context, f *load.Fleet, p *process, span time.Duration) (run, error) {
	// What joining left behind (timers, garbage, DTLS) is not forwarding.
	if err := pause(ctx, time.Second); err != nil {
		return run{}, err
	}
	var at []usage
	var own []usage
	m, err := f.Observe(ctx, span, func() { at, own = append(at, p.usage()), append(own, usageOf(os.Getpid())) })
	if err != nil {
		return run{}, err
	}
	cpu := at[1].cpu - at[0].cpu
	return run{
		CPU: float64(cpu.Nanoseconds()) / 1e3 / float64(max(m.Packets, 1)), Packets: m.Packets, Lost: m.Lost,
		P50: milliseconds(m.P50), P99: milliseconds(m.P99), Wrong: m.Wrong, Doubles: m.Doubles,
		Memory: float64(at[1].memory) / (1 << 20),
		Cores:  cpu.Seconds() / m.Took.Seconds(), ClientCores: (own[1].cpu - own[0].cpu).Seconds() / m.Took.Seconds(),
	}, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / 1e6 }

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "sfubench:", err)
	os.Exit(1)
}

func (r *report) write(path string) error {
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}
