package staff_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"lyceum/server/staff"
)

var update = flag.Bool("update", false, "rewrite golden files")

// The whole table of rights is printed, so that a change to it is seen in review.
func TestRightsTable(t *testing.T) {
	var b strings.Builder
	actions := []string{staff.EventWrite, staff.RegistrationRead, staff.OutboxRead, staff.RoomHost, staff.SocialWrite, staff.StaffWrite, staff.SiteWrite, "made.up"}
	for _, right := range staff.Rights() {
		for _, action := range actions {
			s := staff.Staff{Rights: []staff.Right{right}}
			fmt.Fprintf(&b, "%-11s %-18s %v\n", right, action, s.May(action))
		}
	}
	const file = "testdata/rights.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("rights changed; look, then run with -update:\n%s", got)
	}
}

func TestMay(t *testing.T) {
	rows := []struct {
		name   string
		rights []staff.Right
		want   bool
	}{
		{"nobody without rights may host", nil, false},
		{"one of several rights is enough", []staff.Right{staff.Viewer, staff.Host}, true},
		{"a right nobody knows allows nothing", []staff.Right{"owner"}, false},
	}
	for _, row := range rows {
		if got := (staff.Staff{Rights: row.rights}).May(staff.RoomHost); got != row.want {
			t.Errorf("%s: %v", row.name, got)
		}
	}
}

func TestParseRight(t *testing.T) {
	for name, want := range map[string]bool{"admin": true, "viewer": true, "Admin": false, "": false, "root": false} {
		if right, ok := staff.ParseRight(name); ok != want || string(right) != name {
			t.Errorf("ParseRight(%q) = %q, %v", name, right, ok)
		}
	}
}
