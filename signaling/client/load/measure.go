package load

import (
	"context"
	"slices"
	"time"
)

// settle is how long stragglers of an observation are waited for.
const settle = 300 * time.Millisecond

// Measure is what reached the receivers in a stretch of time.
type Measure struct {
	Receivers int
	Took      time.Duration
	Packets   int64 // that arrived at any receiver
	Lost      float64
	P50, P99  time.Duration // from leaving the publisher to reaching the receiver
	// Wrong counts checked packets whose content was not what their header
	// stood for; Doubles those that came twice.
	Wrong, Doubles int64
}

// Observe watches every receiver for that long. around, when not nil, is
// called at the exact beginning and end.
func (f *Fleet) Observe(ctx context.Context, span time.Duration, around func()) (Measure, error) {
	f.mu.Lock()
	all := slices.Clone(f.receivers)
	f.mu.Unlock()
	from := f.source.next.Load() + 1
	room := int64((span+2*settle)/time.Millisecond) + 64 // no media has more packets
	for _, r := range all {
		r.open(from, from+room)
	}
	if around == nil {
		around = func() {}
	}
	around()
	before, began := total(all), time.Now()
	if err := sleep(ctx, span); err != nil {
		return Measure{}, err
	}
	after, took := total(all), time.Since(began)
	around()
	to := f.source.next.Load()
	if err := sleep(ctx, settle); err != nil {
		return Measure{}, err
	}
	m := Measure{Receivers: len(all), Took: took, Packets: after - before}
	var delays []uint32
	got, want := int64(0), (to-from)*int64(len(all))
	for _, r := range all {
		w, wrong := r.shut()
		m.Wrong += wrong
		m.Doubles += w.doubles
		got += w.before(to)
		delays = append(delays, w.delays...)
	}
	if want > 0 {
		m.Lost = 1 - float64(got)/float64(want)
	}
	slices.Sort(delays)
	m.P50 = time.Duration(quantile(delays, .5)) * time.Microsecond
	m.P99 = time.Duration(quantile(delays, .99)) * time.Microsecond
	return m, nil
}

func total(all []*receiver) (n int64) {
	for _, r := range all {
		n += r.total.Load()
	}
	return n
}

// quantile of values in order.
func quantile[T any](sorted []T, q float64) T {
	var zero T
	if len(sorted) == 0 {
		return zero
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
