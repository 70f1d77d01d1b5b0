package main

import (
	"testing"
	"time"
)

// The short form of the command.
func TestNothingCrossesRooms(t *testing.T) {
	report, err := run(Options{Binary: "../../../build/lyceum", Rooms: 20, For: 6 * time.Second, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Crossings) > 0 {
		t.Errorf("crossings: %q", report.Crossings)
	}
	if report.Hostile < 400 || report.Friendly < 200 || report.Events < 400 || report.Packets < 1000 {
		t.Errorf("too little was tried to mean anything: %+v", report)
	}
}
