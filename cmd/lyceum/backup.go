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
	"path/filepath"
	"time"

	"lyceum/server/store"
)

// What a backup holds, by its name in the archive. Work in flight is not in it:
// it is made again from the database.
const (
	backupFormat   = 1
	backupAbout    = "about.json"
	backupDatabase = "lyceum.db"
	backupSecret   = "secret.json"
	backupFiles    = "files"
)

// about is the first entry of a backup: what it is and when it was made.
type about struct {
	Format int       `json:"format"`
	Lyceum string    `json:"lyceum"`
	MadeAt time.Time `json:"madeAt"`
}

// backupCommand writes database, secret file and uploads into one archive that
// its owner alone may read. The site may be running.
func backupCommand(ctx context.Context, c console, args []string) error {
	if len(args) != 1 {
		return misused("write: lyceum backup FILE.tar.gz")
	}
	cfg, err := readConfig(c.env)
	if err != nil {
		return err
	}
	copied := filepath.Join(cfg.Data, ".backup-database")
	defer os.Remove(copied)
	err = store.Copy(ctx, cfg.DatabaseURL, cfg.Data, copied)
	switch {
	case errors.Is(err, store.ErrNotAFile):
		return refuse("PostgreSQL has its own backup: run pg_dump, and keep a copy of %s beside it.", cfg.SecretFile)
	case errors.Is(err, fs.ErrNotExist):
		return refuse("there is no database in %s yet, so there is nothing to keep.", cfg.Data)
	case err != nil:
		return refuse("the database cannot be copied. Is the disk of %s full? Run lyceum doctor.", cfg.Data)
	}
	if _, err := loadSecret(cfg.SecretFile, false, c.now()); err != nil {
		return err
	}
	part := args[0] + ".part"
	file, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return refuse("%s cannot be written. Remove it when it is left over, or choose another place.", part)
	}
	err = errors.Join(writeBackup(file, cfg, copied, c.now()), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(part, args[0])
	}
	if err != nil {
		_ = os.Remove(part)
		return refuse("the backup %s could not be written whole, so there is none. Is its disk full?", args[0])
	}
	fmt.Fprintf(c.err, "The backup is %s. It holds the secret file: keep it as safe as the site itself.\n", args[0])
	return nil
}

func writeBackup(to io.Writer, cfg config, database string, now time.Time) error {
	packed := gzip.NewWriter(to)
	archive := tar.NewWriter(packed)
	text, err := json.Marshal(about{Format: backupFormat, Lyceum: version, MadeAt: now.UTC()})
	if err == nil {
		err = archive.WriteHeader(&tar.Header{Name: backupAbout, Mode: 0o600, Size: int64(len(text)), ModTime: now})
	}
	if err == nil {
		_, err = archive.Write(text)
	}
	if err != nil {
		return err
	}
	if err := errors.Join(addFile(archive, backupDatabase, database), addFile(archive, backupSecret, cfg.SecretFile)); err != nil {
		return err
	}
	root := filepath.Join(cfg.Data, backupFiles)
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == root {
			return nil // no uploads
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		inside, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return addFile(archive, backupFiles+"/"+filepath.ToSlash(inside), path)
	})
	return errors.Join(err, archive.Close(), packed.Close())
}

func addFile(archive *tar.Writer, name, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime()}); err != nil {
		return err
	}
	_, err = io.CopyN(archive, file, info.Size())
	return err
}
