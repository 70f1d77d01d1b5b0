package main

import "testing"

// The short form of the command.
func TestTheMediaPortIsAttacked(t *testing.T) {
	report, err := run(Options{Binary: "../../../build/lyceum", Packets: 100_000, Rate: 16_000, Handshakes: 100})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Broken) > 0 {
		t.Errorf("broken: %q", report.Broken)
	}
	t.Logf("%+v", report)
}

// What the impostor announces is a fingerprint, and not its own.
func TestAWrongFingerprintIsAnother(t *testing.T) {
	const own = "a=fingerprint:sha-256 AB:CD:E0\r\n"
	if got := wrongFingerprint(own); got != "a=fingerprint:sha-256 AB:CD:E1\r\n" {
		t.Errorf("announces %q", got)
	}
}
