package archtest_test

import (
	"strings"
	"testing"

	"lyceum/scripts/archtest"
)

// The real tree obeys every rule.
func TestTheHouseIsInOrder(t *testing.T) {
	packages, err := archtest.Load("../..")
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) < 10 {
		t.Fatalf("only %d packages were read: the check would prove nothing", len(packages))
	}
	top, err := archtest.TopLevelOf("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, breach := range archtest.Check(packages, top) {
		t.Error(breach)
	}
}

// Each rule refuses what it should: one planted breach a row.
func TestRules(t *testing.T) {
	for _, row := range []struct {
		name, from, imports, want string
	}{
		{"a rules package may not touch SQL", "server/event", "database/sql", "only server/store may"},
		{"a rules package may not touch any technology", "server/event", "github.com/google/uuid", "no technology"},
		{"event may not know registration", "server/event", "lyceum/server/registration", "import only"},
		{"registration may know event", "server/registration", "lyceum/server/event", ""},
		{"the store may not know the website", "server/store", "lyceum/server/web", "not each other"},
		{"the website may have parts", "server/web", "lyceum/server/web/pages", ""},
		{"the server may not know rooms", "server/web", "lyceum/rooms", "neither rooms nor signaling"},
		{"rooms may not know the server", "rooms/live", "lyceum/server/store", "rooms import only rooms"},
		{"a part of a room may not know another", "rooms/sfu", "lyceum/rooms/state", "only rooms/live joins"},
		{"live joins the parts", "rooms/live", "lyceum/rooms/sfu", ""},
		{"the socket may not reach past live", "signaling/socket", "lyceum/rooms/journal", "through rooms/live"},
		{"Fiber stays at the rim", "rooms/live", "github.com/gofiber/fiber/v2", "only server/web"},
		{"Redis stays in room state", "rooms/live", "github.com/redis/go-redis/v9", "only rooms/state may"},
		{"nobody imports cmd", "server/web", "lyceum/cmd/lyceum", "nothing imports cmd"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := archtest.Check([]archtest.Package{{Path: row.from, Doc: "d", Imports: []string{row.imports}}}, nil)
			switch {
			case row.want == "" && len(got) > 0:
				t.Errorf("refused: %v", got)
			case row.want != "" && (len(got) != 1 || !strings.Contains(got[0], row.want)):
				t.Errorf("got %v, want one breach with %q", got, row.want)
			}
		})
	}
}

func TestFilesPackagesAndTopLevel(t *testing.T) {
	got := archtest.Check([]archtest.Package{{Path: "rooms", Lines: map[string]int{"a.go": 501, "b.go": 500}}}, []string{"cmd", ".ci", "notes.txt"})
	want := []string{"notes.txt does not belong at the top level", "rooms has no package comment", "rooms/a.go has 501 lines; the limit is 500"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
