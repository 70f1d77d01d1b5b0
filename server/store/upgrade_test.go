package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"lyceum/server/settings"
	"lyceum/server/store"
)

// upgradeFolder names the folder whose database the victim upgrades; it is
// "STEP SPIN FOLDER": the process kills itself in that step, after so much work.
const upgradeFolder = "LYCEUM_TEST_UPGRADE_FOLDER"

// killer is a log handler that ends the process, as kill -9 does, a moment after
// the wanted step has begun.
type killer struct {
	slog.Handler
	step, spin int
	seen       *int
}

func (k killer) Enabled(context.Context, slog.Level) bool { return true }

func (k killer) Handle(_ context.Context, r slog.Record) error {
	if r.Message != "database migrating" {
		return nil
	}
	if *k.seen++; *k.seen == k.step {
		go func() {
			for range k.spin { // some microseconds each: the instant moves through the step
				_ = os.Getpid()
				_, _ = os.Stat("/")
			}
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}()
	}
	return nil
}

func upgradeUntilKilled(request string) {
	var step, spin int
	var folder string
	if _, err := fmt.Sscan(request, &step, &spin, &folder); err != nil {
		os.Exit(3)
	}
	s, err := store.Open(context.Background(), "sqlite:", folder, slog.New(killer{slog.DiscardHandler, step, spin, new(int)}))
	if err != nil {
		os.Exit(4)
	}
	_ = s.Close()
}

// migrationsOf counts the steps of a whole upgrade.
func migrationsOf(t *testing.T) int {
	t.Helper()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	return len(files)
}

// R18: a process killed in any migration step is simply started again.
func TestAnUpgradeThatIsKilledIsStartedAgain(t *testing.T) {
	steps, killed := migrationsOf(t), 0
	for step := 1; step <= steps; step++ {
		for _, spin := range []int{0, 20, 100, 400} {
			folder := t.TempDir()
			victim := exec.CommandContext(t.Context(), os.Args[0])
			victim.Env = append(os.Environ(), upgradeFolder+"="+fmt.Sprint(step, " ", spin, " ", folder))
			err := victim.Run()
			if state, is := victim.ProcessState.Sys().(syscall.WaitStatus); is && state.Signaled() {
				killed++
			} else if err != nil {
				t.Fatalf("step %d: the victim failed by itself: %v", step, err)
			}
			s := openSQLite(t, folder)
			if _, err := s.SaveSettings(t.Context(), settings.Default(), time.Now()); err != nil {
				t.Errorf("step %d, spin %d: after the second start: %v", step, spin, err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if killed < steps {
		t.Errorf("only %d of %d upgrades were killed: this proves nothing", killed, 4*steps)
	}
}

// An upgrade keeps the database as it was until it has worked, and what it held
// is there afterwards.
func TestAnUpgradeKeepsACopyUntilItHasWorked(t *testing.T) {
	folder := t.TempDir()
	if err := openSQLite(t, folder).Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "lyceum.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	exec := func(statement string) {
		t.Helper()
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	var newest int
	if err := db.QueryRow("SELECT max(version_id) FROM goose_db_version").Scan(&newest); err != nil {
		t.Fatal(err)
	}
	// The newest step has not happened, and cannot: its table is in the way.
	exec("DELETE FROM goose_db_version WHERE version_id = " + strconv.Itoa(newest))
	copied := path + ".before-upgrade"
	for range 2 {
		if s, err := store.Open(t.Context(), "sqlite:", folder, quiet); err == nil {
			s.Close()
			t.Fatal("a step that fails did not fail")
		}
		if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("the copy: %v", err)
		}
	}
	exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (" + strconv.Itoa(newest) + ", 1)")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := openSQLite(t, folder).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(copied); !os.IsNotExist(err) {
		t.Errorf("the copy stays after the upgrade has worked: %v", err)
	}
}
