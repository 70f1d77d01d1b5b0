package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"lyceum/signaling/client/load"
)

// maxLost is the loss above which a run means nothing.
const maxLost = 0.001

// run is one measurement. CPU is in microseconds a packet, times are in
// milliseconds, memory in MiB.
type run struct {
	Server             string
	Media              load.Media
	Subscribers        int
	CPU                float64
	P50, P99           float64
	Lost               float64
	Memory             float64
	JoinP50, JoinP99   float64
	Cores, ClientCores float64
	Packets            int64
	Wrong, Doubles     int64
	Failed             int
	Invalid            string `json:",omitempty"`
}

// storm is a hundred joining at once. CPU is in milliseconds a join.
type storm struct {
	Server         string
	Joined, Failed int
	PerSecond      float64
	P50, P99, CPU  float64
}

// report is everything that was measured, and the medians.
type report struct {
	Levels []int
	Media  []load.Media
	Floor  map[string]float64 // "video 200" -> microseconds a packet
	Runs   []run
	Cells  []run // medians of valid runs
	Ratios map[string]float64
	Storms []storm
}

func (r *report) add(c run) {
	switch {
	case c.Failed > 0:
		c.Invalid = fmt.Sprintf("%d joins failed", c.Failed)
	case c.Lost > maxLost:
		c.Invalid = fmt.Sprintf("%.2f %% lost", 100*c.Lost)
	case c.Wrong > 0 || c.Doubles > 0:
		c.Invalid = fmt.Sprintf("%d packets wrong, %d doubled", c.Wrong, c.Doubles)
	}
	if c.Invalid != "" {
		fmt.Fprintf(os.Stderr, "invalid: %s, %s to %d: %s\n", c.Server, c.Media, c.Subscribers, c.Invalid)
	}
	r.Runs = append(r.Runs, c)
}

// floors runs the program that sends the same packets with nothing around.
func (r *report) floors(ctx context.Context, programs string, levels []int) error {
	r.Floor = map[string]float64{}
	for _, m := range r.Media {
		for _, n := range levels {
			c := exec.CommandContext(ctx, "taskset", "-c", strconv.Itoa(serverCore), filepath.Join(programs, "floor"),
				"-media", string(m), "-subscribers", strconv.Itoa(n), "-sink-core", strconv.Itoa(clientCore))
			c.Stderr = os.Stderr
			out, err := c.Output()
			if err != nil {
				return fmt.Errorf("floor: %w", err)
			}
			ns, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
			if err != nil {
				return fmt.Errorf("floor: %w", err)
			}
			r.Floor[fmt.Sprint(m, " ", n)] = ns / 1e3
		}
	}
	return nil
}

// summarise takes the median of every cell over its valid runs, and ratios to
// the reference.
func (r *report) summarise() {
	r.Ratios = map[string]float64{}
	for _, m := range r.Media {
		for _, n := range r.Levels {
			one := 0.0
			for _, s := range servers {
				var same []run
				for _, c := range r.Runs {
					if c.Server == s.name && c.Media == m && c.Subscribers == n && c.Invalid == "" {
						same = append(same, c)
					}
				}
				if len(same) == 0 {
					continue
				}
				cell := medians(same)
				r.Cells = append(r.Cells, cell)
				if s.name == servers[0].name {
					one = cell.CPU
				}
				if one > 0 {
					r.Ratios[fmt.Sprint(m, " ", n, " ", s.name)] = cell.CPU / one
				}
			}
		}
	}
}

func medians(same []run) run {
	of := func(value func(run) float64) float64 {
		var all []float64
		for _, c := range same {
			all = append(all, value(c))
		}
		slices.Sort(all)
		return (all[len(all)/2] + all[(len(all)-1)/2]) / 2
	}
	out := run{Server: same[0].Server, Media: same[0].Media, Subscribers: same[0].Subscribers}
	out.CPU = of(func(c run) float64 { return c.CPU })
	out.P50, out.P99 = of(func(c run) float64 { return c.P50 }), of(func(c run) float64 { return c.P99 })
	out.Lost, out.Memory = of(func(c run) float64 { return c.Lost }), of(func(c run) float64 { return c.Memory })
	out.JoinP50, out.JoinP99 = of(func(c run) float64 { return c.JoinP50 }), of(func(c run) float64 { return c.JoinP99 })
	out.Cores, out.ClientCores = of(func(c run) float64 { return c.Cores }), of(func(c run) float64 { return c.ClientCores })
	return out
}

func (r *report) print(to io.Writer) {
	w := tabwriter.NewWriter(to, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "media\tsubscribers\tserver\tµs/packet\tratio\tfloor µs\tp50 ms\tp99 ms\tlost %\tMiB\tjoin p50 ms\tcores\t")
	for _, c := range r.Cells {
		key := fmt.Sprint(c.Media, " ", c.Subscribers)
		fmt.Fprintf(w, "%s\t%d\t%s\t%.1f\t%.2f\t%.1f\t%.2f\t%.1f\t%.3f\t%.0f\t%.0f\t%.2f+%.2f\t\n", c.Media, c.Subscribers, c.Server,
			c.CPU, r.Ratios[key+" "+c.Server], r.Floor[key], c.P50, c.P99, 100*c.Lost, c.Memory, c.JoinP50, c.Cores, c.ClientCores)
	}
	fmt.Fprintln(w, "\t\t\t\t\t\t\t\t\t\t\t\t")
	for _, s := range r.Storms {
		fmt.Fprintf(w, "storm\t%d\t%s\t%.0f joins/s\tp50 %.0f ms\tp99 %.0f ms\t%.2f ms of CPU a join\t%d failed\t\n",
			s.Joined, s.Server, s.PerSecond, s.P50, s.P99, s.CPU, s.Failed)
	}
	_ = w.Flush()
}

// check compares with the budget: a JSON object of "video 200 lyceum" -> the
// highest ratio that is still within it.
func (r *report) check(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var limits struct{ Ratios map[string]float64 }
	if err := json.Unmarshal(b, &limits); err != nil {
		return fmt.Errorf("budget: %w", err)
	}
	var over []string
	for key, most := range limits.Ratios {
		if have, measured := r.Ratios[key]; measured && have > most {
			over = append(over, fmt.Sprintf("%s: %.2f, allowed %.2f", key, have, most))
		}
	}
	if len(over) > 0 {
		slices.Sort(over)
		return fmt.Errorf("over budget: %s", strings.Join(over, "; "))
	}
	return nil
}
