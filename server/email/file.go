package email

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// unfinished is the pattern of a file that is still being written; readers of the folder look at *.eml only.
const unfinished = ".unfinished-*"

type fileSender struct{ dir string }

// NewFileSender keeps every mail as one file in dir, named by its time and id and complete whenever it can be seen. The
// files hold personal links, so only the owner of the process may read them.
func NewFileSender(dir string) (Sender, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("email: make the mail folder: %w", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, unfinished))
	if err != nil {
		return nil, fmt.Errorf("email: look into the mail folder: %w", err)
	}
	for _, name := range left { // from a process that was killed; its mail comes again
		if err := os.Remove(name); err != nil {
			return nil, fmt.Errorf("email: clear the mail folder: %w", err)
		}
	}
	return fileSender{dir}, nil
}

// Send writes beside the final name and renames: the name appears with the whole mail behind it, or not at all.
func (f fileSender) Send(ctx context.Context, msg *mail.Msg) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("email: write mail: %w", err)
	}
	name, err := fileName(msg)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(f.dir, unfinished) // mode 0600
	if err != nil {
		return fmt.Errorf("email: write mail: %w", err)
	}
	_, err = msg.WriteTo(temp)
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), filepath.Join(f.dir, name))
	}
	if err != nil {
		return fmt.Errorf("email: write mail: %w", errors.Join(err, os.Remove(temp.Name())))
	}
	return f.sync()
}

// sync makes the new name survive a power cut.
func (f fileSender) sync() error {
	dir, err := os.Open(f.dir)
	if err != nil {
		return fmt.Errorf("email: sync the mail folder: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("email: sync the mail folder: %w", err)
	}
	return nil
}

// fileName is like 20261124T183000Z-<id>.eml, from the mail's own date and Message-ID: names sort by time, and a repeated
// attempt is told from the first by its time.
func fileName(msg *mail.Msg) (string, error) {
	id, _, _ := strings.Cut(strings.TrimPrefix(msg.GetMessageID(), "<"), "@")
	if id == "" || id != filepath.Base(id) || strings.HasPrefix(id, ".") {
		return "", errors.New("email: write mail: no id that can name a file")
	}
	date := msg.GetGenHeader(mail.HeaderDate)
	if len(date) != 1 {
		return "", errors.New("email: write mail: it has no date")
	}
	at, err := time.Parse(time.RFC1123Z, date[0])
	if err != nil {
		return "", fmt.Errorf("email: write mail: read its date: %w", err)
	}
	return at.UTC().Format("20060102T150405Z") + "-" + id + ".eml", nil
}
