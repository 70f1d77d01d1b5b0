package rooms_test

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"lyceum/rooms"
)

var trailing = regexp.MustCompile(` +\n`)

var update = flag.Bool("update", false, "rewrite golden files")

// TestPolicyIsAsPrinted: who may do what changes only together with its print-out,
// so that a review sees it as a table.
func TestPolicyIsAsPrinted(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "%-24s", "command")
	for _, r := range rooms.Roles() {
		fmt.Fprintf(&b, " %-9s", r)
	}
	b.WriteString("\n")
	for _, c := range rooms.Commands() {
		fmt.Fprintf(&b, "%-24s", c)
		for _, r := range rooms.Roles() {
			answer := "-"
			if rooms.Allowed(r, c) {
				answer = "yes"
			}
			fmt.Fprintf(&b, " %-9s", answer)
		}
		b.WriteString("\n")
	}
	got := trailing.ReplaceAllString(b.String(), "\n")
	const golden = "testdata/policy.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("policy differs from %s; look at it, then run with -update\n%s", golden, got)
	}
}

// commands are all names that a client or rooms/live may use.
var commands = []string{
	rooms.CommandJoin, rooms.CommandLeave, rooms.CommandLose, rooms.CommandReturn,
	rooms.CommandChatSend, rooms.CommandChatDelete, rooms.CommandHandRaise, rooms.CommandHandLower,
	rooms.CommandStageInvite, rooms.CommandStageWithdraw, rooms.CommandStageAccept,
	rooms.CommandStageDecline, rooms.CommandStageLeave, rooms.CommandStageReturn,
	rooms.CommandPublish, rooms.CommandUnpublish, rooms.CommandPause, rooms.CommandResume,
	rooms.CommandMute, rooms.CommandAllow, rooms.CommandRemove, rooms.CommandBan,
	rooms.CommandLobbyMode, rooms.CommandLobbyAdmit, rooms.CommandLobbyAdmitAll, rooms.CommandLobbyDeny,
	rooms.CommandLobbyAsk, rooms.CommandLobbyReturn, rooms.CommandLock, rooms.CommandUnlock,
	rooms.CommandPanic, rooms.CommandUnfreeze, rooms.CommandGrant, rooms.CommandRevoke, rooms.CommandRights,
	rooms.CommandChatMode, rooms.CommandChatHold, rooms.CommandChatApprove, rooms.CommandChatDiscard,
	rooms.CommandStandIn,
}

func TestEveryCommandHasARowAndARole(t *testing.T) {
	rows := rooms.Commands()
	for _, c := range commands {
		if !strings.Contains("\n"+strings.Join(rows, "\n")+"\n", "\n"+c+"\n") {
			t.Errorf("%s has no row in the policy", c)
		}
		if !rooms.Allowed(rooms.RoleHost, c) && c != rooms.CommandStandIn {
			t.Errorf("%s: not even a host may", c)
		}
		if rooms.Allowed("", c) || rooms.Allowed("admin", c) {
			t.Errorf("%s: a role that does not exist may", c)
		}
	}
}

// TestCommandsAreAllListed reads policy.go, so that a new constant cannot be
// forgotten in the list above.
func TestCommandsAreAllListed(t *testing.T) {
	source, err := os.ReadFile("policy.go")
	if err != nil {
		t.Fatal(err)
	}
	var declared int
	for line := range strings.Lines(string(source)) {
		if f := strings.Fields(line); len(f) == 3 && strings.HasPrefix(f[0], "Command") && f[1] == "=" {
			declared++
		}
	}
	if declared != len(commands) {
		t.Errorf("%d commands are declared, %d are tested", declared, len(commands))
	}
}

func TestOnlyTheServerSpeaksOfConnections(t *testing.T) {
	for _, c := range rooms.Commands() {
		live := c == rooms.CommandJoin || c == rooms.CommandLeave || c == rooms.CommandLose || c == rooms.CommandReturn ||
			c == rooms.CommandStandIn
		row := strings.Contains(c, " ")
		if got, want := rooms.FromWire(c), !live && !row; got != want {
			t.Errorf("FromWire(%q) is %v, want %v", c, got, want)
		}
	}
	if rooms.FromWire("") || rooms.FromWire("unknown") {
		t.Error("an unknown command may come from the wire")
	}
}

func TestRestrictingCommandsTakeAway(t *testing.T) {
	for _, c := range []string{"mute", "remove", "chat.delete", "stage.return", "pause", "unpublish"} {
		if !rooms.Restricts(rooms.Command{Name: c}) {
			t.Errorf("%s does not restrict", c)
		}
	}
	for _, c := range []string{"allow", "publish", "resume", "stage.invite", "stage.accept", "chat.send", "join", "return"} {
		if rooms.Restricts(rooms.Command{Name: c}) {
			t.Errorf("%s restricts; it would be granted before it is recorded", c)
		}
	}
}

func TestPublicKnowsNoPerson(t *testing.T) {
	joined := rooms.Participant{ID: "p", Person: "hash"}
	e := rooms.Event{Kind: "joined", Person: "hash", Joined: &joined}
	if p := e.Public(); strings.Contains(fmt.Sprintf("%+v %+v", p, *p.Joined), "hash") {
		t.Errorf("public event names the person: %+v", p)
	}
	if !reflect.DeepEqual(joined, rooms.Participant{ID: "p", Person: "hash"}) {
		t.Error("making it public changed the event itself")
	}
}
