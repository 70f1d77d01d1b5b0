package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"lyceum/server/store"
)

// restoreCommand puts a backup into an empty data folder. Everything is
// unpacked and looked at beside its place first: a backup that is not whole
// leaves the folder as it was.
func restoreCommand(ctx context.Context, c console, args []string) error {
	if len(args) != 1 {
		return misused("write: lyceum restore FILE.tar.gz")
	}
	cfg, err := readConfig(c.env)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(cfg.DatabaseURL, "sqlite:") {
		return refuse("a backup is restored into SQLite. PostgreSQL has its own: pg_restore.")
	}
	if err := cfg.makeData(); err != nil {
		return err
	}
	unlock, err := lockFolder(cfg.Data)
	if err != nil {
		return err
	}
	defer unlock()
	places, err := restorePlaces(cfg)
	if err != nil {
		return err
	}
	file, err := os.Open(args[0])
	if err != nil {
		return refuse("the backup %s cannot be read. Check its name and owner.", args[0])
	}
	defer file.Close()
	beside, err := os.MkdirTemp(cfg.Data, ".restore-*")
	if err != nil {
		return refuse("the folder %s cannot be written to. Change its owner, or choose another: LYCEUM_DATA.", cfg.Data)
	}
	defer os.RemoveAll(beside)
	found, err := unpack(file, beside)
	if err != nil {
		return refuse("%s is no whole backup of Lyceum (%v). Nothing was changed.", args[0], err)
	}
	if _, err := loadSecret(filepath.Join(beside, backupSecret), false, c.now()); err != nil {
		return err
	}
	looked, err := store.Look(ctx, "sqlite:"+filepath.Join(beside, backupDatabase), "")
	if err != nil || looked.Missing {
		return refuse("the database in %s is damaged. Nothing was changed. Try an older backup.", args[0])
	}
	if looked.Version > looked.Newest {
		return refuse("%s was made by a newer Lyceum (%s). Install that version, then restore.", args[0], found.Lyceum)
	}
	for name, to := range places {
		from := filepath.Join(beside, name)
		if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
			continue // no uploads
		}
		if err := move(from, to); err != nil {
			return refuse("%s cannot be put into its place: %v.", to, err)
		}
	}
	fmt.Fprintf(c.err, "Restored what was there on %s. Start lyceum serve.\n", found.MadeAt.Format("2 January 2006, 15:04 UTC"))
	return nil
}

// restorePlaces says where each part goes, and refuses when one is there.
func restorePlaces(cfg config) (map[string]string, error) {
	database := strings.TrimPrefix(cfg.DatabaseURL, "sqlite:")
	if database == "" {
		database = filepath.Join(cfg.Data, "lyceum.db")
	}
	places := map[string]string{backupDatabase: database, backupSecret: cfg.SecretFile, backupFiles: filepath.Join(cfg.Data, backupFiles)}
	for _, place := range places {
		if _, err := os.Lstat(place); err == nil {
			return nil, refuse("%s is there already. A backup is restored into an empty folder only: move the old one away, or set LYCEUM_DATA.", place)
		}
	}
	entries, err := os.ReadDir(cfg.Data)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if entry.Name() != "lock" {
			return nil, refuse("the folder %s is not empty (%s). A backup is restored into an empty folder only.", cfg.Data, entry.Name())
		}
	}
	return places, nil
}

// move renames, or copies where the place is on another disk.
func move(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.Rename(from, to); err == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// unpack writes the parts of a backup below dir. Names decide nothing but
// which known part it is: an archive cannot write anywhere else.
func unpack(from io.Reader, dir string) (about, error) {
	packed, err := gzip.NewReader(from)
	if err != nil {
		return about{}, errors.New("it is not packed as one")
	}
	var found about
	parts := map[string]bool{}
	archive := tar.NewReader(packed)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return about{}, errors.New("it is cut off or damaged")
		}
		inside, isFile := strings.CutPrefix(header.Name, backupFiles+"/")
		switch {
		case header.Typeflag != tar.TypeReg || parts[header.Name]:
			return about{}, errors.New("it holds something that is not ours")
		case header.Name == backupAbout:
			err = json.NewDecoder(io.LimitReader(archive, 64<<10)).Decode(&found)
			if err == nil && found.Format != backupFormat {
				return about{}, fmt.Errorf("it has format %d, this Lyceum reads %d", found.Format, backupFormat)
			}
		case header.Name == backupDatabase, header.Name == backupSecret, isFile && fs.ValidPath(inside) && path.Clean(inside) == inside:
			err = unpackFile(archive, filepath.Join(dir, filepath.FromSlash(header.Name)))
		default:
			return about{}, errors.New("it holds something that is not ours")
		}
		if err != nil {
			return about{}, errors.New("it is cut off or damaged, or the disk is full")
		}
		parts[header.Name] = true
	}
	// The end of gzip's stream carries the checksum of all of it.
	if _, err := io.Copy(io.Discard, packed); err != nil {
		return about{}, errors.New("it is damaged")
	}
	if !parts[backupAbout] || !parts[backupDatabase] || !parts[backupSecret] {
		return about{}, errors.New("parts are missing")
	}
	return found, nil
}

func unpackFile(from io.Reader, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	return errors.Join(err, file.Sync(), file.Close())
}
