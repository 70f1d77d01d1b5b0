package email

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	netmail "net/mail"
	"strings"
	texttemplate "text/template"

	"github.com/wneessen/go-mail"

	"lyceum/server/event"
	"lyceum/server/outreach"
	"lyceum/server/registration"
)

//go:embed templates
var templates embed.FS

// view is what the templates see: finished words and links.
type view struct {
	Kind, Subject, Library, Name string

	Title, Speaker, When, Where string
	Page                        string // where to go on: the event's public page, or all events when it is cancelled
	Join, My                    string // personal links; empty in mails whose ticket is void
	SignIn                      string

	Doors          int  // minutes from opening to start
	Online         bool // the link leads into a live room
	Confirmed      bool
	Position       int // on the waiting list, 0 when unknown
	EventCancelled bool
}

// compose writes the whole mail. Everything in it follows from the job and what was looked up, so that a repeated attempt
// writes the same mail with the same Message-ID.
func (s *Service) compose(job Job, l looked, code string) (*mail.Msg, error) {
	v := s.view(job, l, code)
	text, html, err := render(v)
	if err != nil {
		return nil, err
	}
	msg, err := s.envelope(job, l, v.Subject)
	if err != nil {
		return nil, err
	}
	msg.SetBodyString(mail.TypeTextPlain, text)
	msg.AddAlternativeString(mail.TypeTextHTML, html)
	if method := invitation(job.Kind, l); method != "" {
		entry := s.entry(l, method)
		// The alternative is what calendars act on (RFC 6047); the attachment is for mail programs that only show files.
		msg.AddAlternativeString(mail.ContentType("text/calendar; method="+string(method)), entry)
		msg.AttachReadSeeker("event.ics", strings.NewReader(entry), mail.WithFileContentType("application/ics"))
	}
	return msg, nil
}

// envelope makes the headers. Auto-Submitted (RFC 3834) keeps out-of-office answers away; there is no List-Unsubscribe,
// because a mail about one's own seat is no newsletter.
func (s *Service) envelope(job Job, l looked, subject string) (*mail.Msg, error) {
	name, address := l.recipient()
	to, err := netmail.ParseAddress(address)
	if err != nil || to.Address != address {
		return nil, &Permanent{Detail: "This is no mail address.", Err: errors.New("email: bad recipient address")}
	}
	return s.blank(job.ID, &netmail.Address{Name: name, Address: address}, subject), nil
}

// blank is a mail with its headers and no text.
func (s *Service) blank(id string, to *netmail.Address, subject string) *mail.Msg {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	from := s.sender()
	from.Name = phrase(from.Name)
	msg.FromMailAddress(&from)
	msg.ToMailAddress(&netmail.Address{Name: phrase(to.Name), Address: to.Address})
	msg.Subject(subject)
	msg.SetDateWithValue(s.Now())
	msg.SetMessageIDWithValue(id + "@" + s.from.Address[strings.LastIndexByte(s.from.Address, '@')+1:])
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	return msg
}

func (s *Service) view(job Job, l looked, code string) view {
	name, _ := l.recipient()
	v := view{Kind: strings.TrimPrefix(job.Kind, "mail."), Subject: l.subject(job.Kind), Library: s.library(), Name: name}
	if job.Kind == SignIn {
		v.SignIn = s.PublicURL + "/staff/sign-in#" + code
		return v
	}
	e, r := l.event, l.registration
	v.Title, v.Speaker = oneLine(e.Title, maxTitle), oneLine(e.Speaker, maxTitle)
	v.When, v.Where = when(e), where(e)
	v.Page = s.PublicURL + "/events/" + e.Slug
	if v.EventCancelled = e.Status == event.Cancelled; v.EventCancelled {
		v.Page = s.PublicURL + "/events"
	}
	v.Doors = int(event.DoorsBefore.Minutes())
	v.Online = e.Format != event.InPerson
	v.Confirmed, v.Position = r.Status == registration.Confirmed, r.Position
	switch job.Kind {
	case registration.MailCancelled, registration.MailRefused, outreach.MailEventCancelled:
	default:
		ticket := s.Keys.Ticket(r.ID, r.Generation)
		v.Join, v.My = s.PublicURL+"/join#"+ticket, s.PublicURL+"/my#"+ticket
	}
	return v
}

// render fills the layout and the kind's own body, in both forms.
func render(v view) (text, html string, err error) {
	var b bytes.Buffer
	t, err := texttemplate.ParseFS(templates, "templates/layout.txt", "templates/"+v.Kind+".txt")
	if err == nil {
		err = t.ExecuteTemplate(&b, "layout.txt", v)
	}
	if err != nil {
		return "", "", fmt.Errorf("email: render text of %s: %w", v.Kind, err)
	}
	text = strings.TrimRight(b.String(), "\n") + "\n"
	b.Reset()
	h, err := htmltemplate.ParseFS(templates, "templates/layout.html", "templates/"+v.Kind+".html")
	if err == nil {
		err = h.ExecuteTemplate(&b, "layout.html", v)
	}
	if err != nil {
		return "", "", fmt.Errorf("email: render HTML of %s: %w", v.Kind, err)
	}
	return text, strings.TrimRight(b.String(), "\n") + "\n", nil
}
