package pages

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	mailboxMails = 40
	// maxMail bounds what is read of one file; a mail of ours has a few kilobytes.
	maxMail = 256 << 10
)

type mailView struct {
	Subject, To, From, When string
	Lines                   []mailSegment
	Attachments             []string
	Broken                  bool
}

// mailSegment is a piece of text; with a Href it is a link to this site. Other links stay text: what a stranger put
// into a mail leads nowhere from here.
type mailSegment struct {
	Text, Href string
}

type mailboxView struct {
	Mails []mailView
}

// mailbox shows the demo's mails. Only the demo has it: it shows everybody every mail, sign-in links too.
func (s *Site) mailbox(c *fiber.Ctx) error {
	mails, err := s.readMails()
	if err != nil {
		return err
	}
	private(c)
	return s.render(c, http.StatusOK, "mailbox", page{Title: s.texts.text("public.mailbox.title"), View: mailboxView{Mails: mails}})
}

// readMails reads the newest files of the mail folder. An os.Root keeps links inside the folder from leading out of it.
func (s *Site) readMails() ([]mailView, error) {
	root, err := os.OpenRoot(s.MailDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	files, err := newestMails(root.FS())
	if err != nil {
		return nil, err
	}
	var mails []mailView
	for _, file := range files {
		f, err := root.Open(file.name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // taken away since it was listed
		}
		if err != nil {
			return nil, err
		}
		m, err := parseMail(f)
		f.Close()
		if err != nil {
			s.Log.Warn("a mail of the demo cannot be read", "file", file.name) // its text may hold an address: not logged
			mails = append(mails, mailView{When: s.when(file.at), Broken: true})
			continue
		}
		mails = append(mails, s.mailView(m, file.at))
	}
	return mails, nil
}

func (s *Site) mailView(m parsedMail, at time.Time) mailView {
	if !m.at.IsZero() {
		at = m.at
	}
	subject := m.subject
	if subject == "" {
		subject = s.texts.text("public.mailbox.no-subject")
	}
	return mailView{
		Subject: subject, To: m.to, From: m.from, When: s.when(at), Attachments: m.attachments,
		Lines: linkify(m.text, s.PublicURL),
	}
}

func (s *Site) when(t time.Time) string {
	t = t.In(s.location())
	return s.texts.text("public.mailbox.when", "date", s.longDate(t), "time", t.Format("15:04:05"))
}

type mailFile struct {
	name string
	at   time.Time
}

// newestMails lists the .eml files, newest first. The sender renames a finished file into place, so each is whole.
func newestMails(dir fs.FS) ([]mailFile, error) {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, err
	}
	var files []mailFile
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !info.Mode().IsRegular() || !strings.HasSuffix(entry.Name(), ".eml") {
			continue
		}
		files = append(files, mailFile{name: entry.Name(), at: info.ModTime()})
	}
	slices.SortFunc(files, func(a, b mailFile) int {
		if byTime := b.at.Compare(a.at); byTime != 0 {
			return byTime
		}
		return strings.Compare(b.name, a.name)
	})
	return files[:min(len(files), mailboxMails)], nil
}

var address = regexp.MustCompile(`https?://[^\s<>"]+`)

// linkify splits text at the addresses of this site.
func linkify(text, site string) []mailSegment {
	var segments []mailSegment
	done := 0
	for _, at := range address.FindAllStringIndex(text, -1) {
		href := strings.TrimRight(text[at[0]:at[1]], ".,;:!?)'")
		if href != site && !strings.HasPrefix(href, site+"/") {
			continue
		}
		segments = append(segments, mailSegment{Text: text[done:at[0]]}, mailSegment{Text: href, Href: href})
		done = at[0] + len(href)
	}
	return append(segments, mailSegment{Text: text[done:]})
}
