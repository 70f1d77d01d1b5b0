// Command lyceum is the whole of Lyceum in one binary: the website, the live
// rooms, the mail and the staff's tools. Each file holds one subcommand;
// config.go reads the LYCEUM_* variables; assemble.go alone knows every
// concrete type and joins them. Values go to standard output, everything else
// to standard error, and every refusal is one plain sentence that says what to
// do next.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// version is set when a release is built: -ldflags "-X main.version=1.2.3".
var version = "dev"

// console is where a subcommand reads its surroundings from and writes to, so
// that tests run commands without a process.
type console struct {
	out, err io.Writer
	env      []string
	now      func() time.Time
}

// refusal is an error whose text was written for the person at the keyboard.
type refusal struct{ sentence string }

func (r *refusal) Error() string { return r.sentence }

func refuse(format string, args ...any) error {
	return &refusal{sentence: fmt.Sprintf(format, args...)}
}

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	first := make(chan os.Signal, 1) // one is all that is waited for
	signal.Notify(first, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-first
		signal.Stop(first) // before anything else, so that a second signal ends the process at once
		cancel()
	}()
	c := console{out: os.Stdout, err: os.Stderr, env: os.Environ(), now: time.Now}
	os.Exit(run(ctx, c, os.Args[1:]))
}

// run carries out one command line and answers the exit code: 0 done, 1
// failed, 2 not understood.
func run(ctx context.Context, c console, args []string) int {
	if len(args) == 0 {
		fmt.Fprint(c.err, usage)
		return 2
	}
	commands := map[string]func(context.Context, console, []string) error{
		"loadtest": loadtestCommand,
		"demo":     demoCommand,
		"serve":    serveCommand,
		"event":    onSite("event"),
		"staff":    onSite("staff"),
		"token":    onSite("token"),
		"mail":     onSite("mail"),
		"secret":   secretCommand,
		"doctor":   doctorCommand,
		"backup":   backupCommand,
		"restore":  restoreCommand,
		"migrate":  migrateCommand,
		"version":  versionCommand,
		"help":     helpCommand,
	}
	command, known := commands[args[0]]
	if !known {
		fmt.Fprintf(c.err, "lyceum: there is no command %q. Run lyceum help to see them.\n", args[0])
		return 2
	}
	err := command(ctx, c, args[1:])
	if err == nil {
		return 0
	}
	var said *refusal
	if errors.As(err, &said) {
		fmt.Fprintln(c.err, "lyceum: "+said.sentence)
	} else {
		fmt.Fprintf(c.err, "lyceum: something failed that should not: %v\n", err)
	}
	if errors.Is(err, errUsage) {
		return 2
	}
	return 1
}

var errUsage = errors.New("usage")

// misused is a refusal for a command line that cannot be understood.
func misused(format string, args ...any) error {
	return errors.Join(refuse(format, args...), errUsage)
}

const usage = `lyceum: live programmes for libraries

  lyceum demo                     a demo library with a live talk, on this machine
  lyceum serve                    the real site, set up by LYCEUM_* variables
  lyceum event add --title T --kind author-talk --starts now [--minutes 60] [--capacity 50]
  lyceum event move ID --starts 2027-01-31T18:00:00Z [--minutes 60]
  lyceum event cancel ID
  lyceum staff add EMAIL --right admin [--name N]
  lyceum token --event ID --role host [--name N] [--ttl 1h] [--count 1]
  lyceum mail test ADDRESS        send a test mail; registration opens when it goes out
  lyceum loadtest --site URL --event ID --tokens FILE [--media video] [--subscribers 50] [--for 20s]
  lyceum secret make | rotate     the site's keys: make the file, or sign with a new key
  lyceum doctor [--json]          is all well? one line each, and what to do
  lyceum backup FILE              database, secret file and uploads in one archive
  lyceum restore FILE             put a backup into an empty data folder
  lyceum migrate                  bring the database up to date
  lyceum version
`

func helpCommand(_ context.Context, c console, _ []string) error {
	_, err := fmt.Fprint(c.out, usage)
	return err
}

func versionCommand(_ context.Context, c console, _ []string) error {
	_, err := fmt.Fprintln(c.out, version)
	return err
}
