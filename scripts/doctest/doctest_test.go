package doctest_test

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"lyceum/scripts/doctest"
)

const root = "../.."

func TestCommandsAreReadFromShellBlocksAlone(t *testing.T) {
	text := "a\n```sh\none   # why\n# no\ntwo \\\n  more\n```\n```json\n{}\n```\n```sh\nthree\n```\n"
	want := []string{"one", "two more", "three"}
	if got := doctest.Commands(text); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Every command of the README and of CONTRIBUTING works as it stands.
func TestDocumentedCommandsWork(t *testing.T) {
	env := append(os.Environ(), "LYCEUM_DATA="+filepath.Join(t.TempDir(), "data"), "LYCEUM_LISTEN=127.0.0.1:0", "LYCEUM_MEDIA_ADDR=127.0.0.1:0")
	for _, document := range []string{"README.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile(filepath.Join(root, document))
		if err != nil {
			t.Fatal(err)
		}
		commands := doctest.Commands(string(text))
		if len(commands) == 0 {
			t.Errorf("%s shows no command", document)
		}
		for _, command := range commands {
			t.Run(document+": "+command, func(t *testing.T) { try(t, env, command) })
		}
	}
}

func try(t *testing.T, env []string, command string) {
	switch {
	case strings.HasPrefix(command, "git clone "), command == "cd lyceum":
		// What brought the reader here.
	case command == "./scripts/run":
		runDemo(t, env)
	case strings.HasPrefix(command, "./scripts/"):
		// This test is inside one of them: that they parse is what can be tried.
		script, _, _ := strings.Cut(command, " ")
		shell(t, env, "test -x "+script+" && bash -n "+script)
	case strings.Contains(command, "sqlc generate"):
		// scripts/test runs sqlc diff, which fails when this was forgotten.
		shell(t, env, "test -f server/store/sqlc.yaml && test -f scripts/tools/go.mod")
	case strings.HasPrefix(command, "./build/lyceum "):
		shell(t, env, command)
	default:
		t.Errorf("no test knows how to try %q", command)
	}
}

func shell(t *testing.T, env []string, command string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "bash", "-c", command)
	c.Dir, c.Env = root, env
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", command, err, out)
	}
}

// runDemo starts the demo as the README says, opens its first page, and ends it
// with what Ctrl-C sends.
func runDemo(t *testing.T, env []string) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "./scripts/run")
	c.Dir, c.Env = root, env
	said, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	page := regexp.MustCompile(`Events +(http://\S+)`)
	opened := false
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if m := page.FindStringSubmatch(lines.Text()); m != nil {
			r, err := http.Get(m[1])
			if err != nil || r.StatusCode != http.StatusOK {
				t.Errorf("the events page: %v %v", r, err)
			} else {
				_ = r.Body.Close()
			}
			opened = true
			if err := c.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.Wait(); err != nil || !opened {
		t.Errorf("the demo opened: %v, and ended with %v", opened, err)
	}
}
