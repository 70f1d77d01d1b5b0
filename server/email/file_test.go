package email_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lyceum/server/email"
	"lyceum/server/registration"
)

func TestFileSenderKeepsOneWholeFileAMail(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "mail")
	sender, err := email.NewFileSender(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := mustNew(t, config(newMemory(talk(), patron(registration.Confirmed)), sender)).Handle(t.Context(), jobOf(registration.MailRegistration)); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("the folder holds %v (%v), want one file", entries, err)
	}
	if want := "20261124T120000Z-" + jobID + ".eml"; entries[0].Name() != want {
		t.Errorf("file %s, want %s", entries[0].Name(), want)
	}
	raw, err := os.ReadFile(filepath.Join(dir, entries[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "registration", readable(t, raw))
	if info, err := entries[0].Info(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600: the file holds a personal link", info.Mode(), err)
	}
}

func TestFileSenderClearsWhatAKilledProcessLeft(t *testing.T) {
	dir := t.TempDir()
	left := filepath.Join(dir, ".unfinished-1")
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := email.NewFileSender(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("half a mail is still there (%v)", err)
	}
}

func TestFileSenderFailsForNowWhenTheFolderIsGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	sender, err := email.NewFileSender(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	store := newMemory(talk(), patron(registration.Confirmed))
	err = mustNew(t, config(store, sender)).Handle(t.Context(), jobOf(registration.MailRegistration))
	var passing *email.Passing
	if !errors.As(err, &passing) || !strings.Contains(store.deliveries[jobID].Detail, "folder") {
		t.Errorf("error %v, detail %q", err, store.deliveries[jobID].Detail)
	}
}
