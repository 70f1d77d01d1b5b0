package main

import (
	"context"
	"testing"
	"time"
)

// The short form of the story. The binary is built by scripts/test before the
// Go tests run.
func TestARoomSurvivesItsStores(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	got, err := Run(ctx, Options{Binary: "../../../build/lyceum", People: 8, Messages: 200, Stall: 2 * time.Second}, t.TempDir())
	if err != nil {
		t.Fatalf("%v, seen so far %+v", err, got)
	}
	for fault, gap := range got.MediaGap {
		if gap > 1000 {
			t.Errorf("%s: the sound had a gap of %d ms, more than 1 s", fault, gap)
		}
	}
	if got.PacketsAfterMute > 0 {
		t.Errorf("%d packets arrived later than 100 ms after the mute", got.PacketsAfterMute)
	}
	if got.BackAfterKill > 5000 {
		t.Errorf("everybody was back after %d ms, more than 5 s", got.BackAfterKill)
	}
	if got.Lost > 0 || got.Doubled > 0 {
		t.Errorf("of %d messages %d were lost and %d doubled", got.Messages, got.Lost, got.Doubled)
	}
	for _, w := range got.Wrong {
		t.Error(w)
	}
}
