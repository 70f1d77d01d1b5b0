package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"lyceum/server/email"
	"lyceum/server/store"
)

// What a check may find.
const (
	fine = "ok"
	warn = "warn"
	bad  = "fail"
)

// checkWithin bounds one check; a machine that hangs is a finding.
const checkWithin = 10 * time.Second

// finding is one line of the doctor: what was looked at, what was seen, and
// what to do about it.
type finding struct {
	Name   string `json:"name"`
	State  string `json:"state"` // "ok", "warn" or "fail"
	Says   string `json:"says"`
	Advice string `json:"advice,omitempty"`
}

// doctor looks at one set-up, whether its site is running or not.
type doctor struct {
	config  config
	now     time.Time
	running bool // a site answers on the control socket
}

// doctorCommand prints a line a check. It ends with 1 when one of them fails.
func doctorCommand(ctx context.Context, c console, args []string) error {
	flags := flag.NewFlagSet("doctor", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "")
	if _, err := parse(flags, args); err != nil {
		return err
	}
	findings := examine(ctx, c)
	failed := 0
	for _, f := range findings {
		if f.State == bad {
			failed++
		}
	}
	if *asJSON {
		encoder := json.NewEncoder(c.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(map[string]any{"ok": failed == 0, "checks": findings}); err != nil {
			return err
		}
	} else {
		for _, f := range findings {
			fmt.Fprintln(c.out, strings.TrimSpace(fmt.Sprintf("%-4s  %-12s %s %s", f.State, f.Name, f.Says, f.Advice)))
		}
	}
	switch failed {
	case 0:
		return nil
	case 1:
		return refuse("one check failed. Do what its line says, then run lyceum doctor again.")
	}
	return refuse("%d checks failed. Do what their lines say, then run lyceum doctor again.", failed)
}

// examine runs every check. Without a set-up that can be read there is no other.
func examine(ctx context.Context, c console) []finding {
	cfg, err := readConfig(c.env)
	if err != nil {
		return []finding{{"variables", bad, said(err), ""}}
	}
	d := &doctor{config: cfg, now: c.now()}
	d.running = siteRuns(ctx, cfg)
	found := []finding{{"variables", fine, "All LYCEUM_* variables can be read.", ""}}
	if d.running {
		found = append(found, finding{"site", fine, "The site is running.", ""})
	} else {
		found = append(found, finding{"site", warn, "The site is not running, so only half can be seen.", "Start it and run lyceum doctor again."})
	}
	for _, check := range []func(context.Context) []finding{
		d.folder, d.secret, d.clock, d.database, d.messages, d.roomState, d.ports, d.media, d.tls, d.public, d.mail,
	} {
		within, cancel := context.WithTimeout(ctx, checkWithin)
		found = append(found, check(within)...)
		cancel()
	}
	return found
}

// said is an error's sentence when it was written for people.
func said(err error) string {
	var r *refusal
	if errors.As(err, &r) {
		return strings.ToUpper(r.sentence[:1]) + r.sentence[1:]
	}
	return err.Error()
}

// siteRuns tells whether somebody listens on the control socket.
func siteRuns(ctx context.Context, cfg config) bool {
	path, done, err := socketPath(cfg.Data)
	if err != nil {
		return false
	}
	defer done()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// folder looks at the data folder: its mode, and how much still fits.
func (d *doctor) folder(context.Context) []finding {
	if err := d.config.makeData(); err != nil {
		return []finding{{"folder", bad, said(err), ""}}
	}
	found := finding{"folder", fine, "The data folder " + d.config.Data + " can be written to, by its owner alone.", ""}
	info, err := os.Stat(d.config.Data)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		found = finding{"folder", warn, "Other users of this machine can look into the data folder " + d.config.Data + ".", "Run: chmod 700 " + d.config.Data}
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(d.config.Data, &fs); err != nil {
		return []finding{found, {"disk", warn, "How much space is left cannot be seen.", ""}}
	}
	free := uint64(fs.Bavail) * uint64(fs.Bsize) >> 20 // MB
	disk := finding{"disk", fine, fmt.Sprintf("%d MB are free.", free), ""}
	switch {
	case free < 100:
		disk.State, disk.Advice = bad, "Make room: without it no registration can be kept."
	case free < 1024:
		disk.State, disk.Advice = warn, "Make room soon, at least 1 GB."
	}
	return []finding{found, disk}
}

func (d *doctor) secret(context.Context) []finding {
	if _, err := os.Stat(d.config.SecretFile); errors.Is(err, fs.ErrNotExist) && !d.config.external() {
		return []finding{{"secret", warn, "There is no secret file yet.", "The first start makes it. Keep a copy: lyceum backup has it too."}}
	}
	keys, err := loadSecret(d.config.SecretFile, false, d.now)
	if err != nil {
		return []finding{{"secret", bad, said(err), ""}}
	}
	newest := keys.current(d.now)[0]
	if age := d.now.Sub(newest.Created); age > 365*24*time.Hour {
		return []finding{{"secret", warn, fmt.Sprintf("The signing key is %d days old.", int(age.Hours()/24)), "Run: lyceum secret rotate"}}
	}
	return []finding{{"secret", fine, "The secret file is whole and its owner alone may read it.", ""}}
}

// clock asks the kernel whether something keeps the clock right, and the zone
// tables whether they know a rule that every table has.
func (d *doctor) clock(context.Context) []finding {
	found := finding{"clock", fine, "The clock says " + d.now.UTC().Format("2 January 2006, 15:04 UTC") + " and is kept in step.", ""}
	state, err := unix.Adjtimex(&unix.Timex{})
	switch {
	case d.now.Year() < 2025:
		found = finding{"clock", bad, "The clock says " + d.now.UTC().Format("2 January 2006") + ", which cannot be.", "Set it, and let the system keep it: timedatectl set-ntp true"}
	case err != nil || state == unix.TIME_ERROR:
		found = finding{"clock", warn, "The clock says " + d.now.UTC().Format("2 January 2006, 15:04 UTC") + ", and nothing seems to keep it in step.", "Compare it with your own watch. Let the system keep it: timedatectl set-ntp true"}
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil || time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC).In(zone).Hour() != 14 {
		return []finding{found, {"time zones", bad, "The tables of time zones cannot be read.", "Install the system's tzdata, or unset ZONEINFO."}}
	}
	return []finding{found, {"time zones", fine, "The tables of time zones are there.", ""}}
}

func (d *doctor) database(ctx context.Context) []finding {
	looked, err := store.Look(ctx, d.config.DatabaseURL, d.config.Data)
	switch {
	case err != nil:
		return []finding{{"database", bad, "The database cannot be used: " + err.Error() + ".", "Check LYCEUM_DATABASE_URL and the disk. A damaged file: lyceum restore your last backup."}}
	case looked.Missing:
		return []finding{{"database", fine, "There is no database yet; the first start makes it.", ""}}
	case looked.Version > looked.Newest:
		return []finding{{"database", bad, "The database was written by a newer Lyceum.", "Install that version again."}}
	case looked.Version < looked.Newest:
		return []finding{{"database", warn, "The database is of an older Lyceum.", "The next start brings it up to date, and keeps a copy until that has worked."}}
	}
	found := []finding{{"database", fine, "The database answers and is whole.", ""}}
	return append(found, d.house(ctx)...)
}

// house looks at what the library has set up.
func (d *doctor) house(ctx context.Context) []finding {
	db, err := store.Open(ctx, d.config.DatabaseURL, d.config.Data, quiet())
	if err != nil {
		return []finding{{"settings", bad, "The settings cannot be read: " + err.Error() + ".", ""}}
	}
	defer db.Close()
	found := finding{"settings", fine, "The library is set up.", ""}
	if house, err := db.Settings(ctx); err != nil || !house.SetUp() {
		found = finding{"settings", warn, "Nobody has told the site the library's name and time zone.", "Sign in as an administrator and open Settings."}
	}
	return []finding{found}
}

func (d *doctor) mail(ctx context.Context) []finding {
	if mailFolder(d.config) != "" {
		if loopback(d.config.Listen) && (d.config.PublicURL == "" || loopback(hostOf(d.config.PublicURL))) {
			return []finding{{"mail", fine, "Mail is kept as files, which is right for a demo or a test.", ""}}
		}
		return []finding{{"mail", bad, "Mail is kept as files and reaches nobody, so registration stays closed.", "Set LYCEUM_MAIL_URL=smtp://user:password@your.mail.server:587"}}
	}
	sender, err := openSender(d.config)
	if err != nil {
		return []finding{{"mail", bad, said(err), ""}}
	}
	err = email.Check(ctx, sender)
	if plain, is := err.(interface{ Plain() string }); is {
		return []finding{{"mail", bad, plain.Plain(), "Check LYCEUM_MAIL_URL."}}
	} else if err != nil {
		return []finding{{"mail", bad, "The mail server cannot be used.", "Check LYCEUM_MAIL_URL."}}
	}
	found := []finding{{"mail", fine, "The mail server " + mailHost(d.config) + " takes us in.", ""}}
	return append(found, d.proof(ctx))
}

// proof tells whether a test mail has gone through this mail set-up.
func (d *doctor) proof(ctx context.Context) finding {
	closed := finding{"test mail", warn, "No test mail has gone through, so registration is not open.", "Open Settings in the console and send one, or run: lyceum mail test YOUR-ADDRESS"}
	keys, err := loadSecret(d.config.SecretFile, false, d.now)
	if err != nil {
		return closed
	}
	if looked, err := store.Look(ctx, d.config.DatabaseURL, d.config.Data); err != nil || looked.Version != looked.Newest || looked.Missing {
		return closed
	}
	db, err := store.Open(ctx, d.config.DatabaseURL, d.config.Data, quiet())
	if err != nil {
		return closed
	}
	defer db.Close()
	if proof, err := db.MailProof(ctx); err != nil || proof.Setup != mailSetup(d.config, keys) {
		return closed
	}
	return finding{"test mail", fine, "A test mail has gone through; registration is open.", ""}
}
