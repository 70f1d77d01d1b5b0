package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/textproto"
	"strings"

	"github.com/wneessen/go-mail"
)

// Permanent is a failure that another attempt cannot mend. Detail says in plain words what happened, for staff. The error's
// text goes to logs and holds no address, ticket or server's words.
type Permanent struct {
	Detail string
	Err    error
}

func (p *Permanent) Error() string { return "email: for good: " + p.Detail }

// Unwrap gives the cause, whose text may hold an address: look at its type, do not log it.
func (p *Permanent) Unwrap() error { return p.Err }

// Plain is Detail, for who knows this error by its method only.
func (p *Permanent) Plain() string { return p.Detail }

// Passing is a failure that may mend itself or be mended by an operator: try again later. Detail and the error's text are
// as in Permanent.
type Passing struct {
	Detail string
	Err    error
}

func (p *Passing) Error() string { return "email: for now: " + p.Detail }

// Unwrap gives the cause; see Permanent.Unwrap.
func (p *Passing) Unwrap() error { return p.Err }

// Plain is Detail, as in Permanent.
func (p *Passing) Plain() string { return p.Detail }

// found is what a sending error means.
type found struct {
	detail    string
	permanent bool
	unknown   bool // the mail server may have the mail
}

func (f found) state() string {
	if f.unknown {
		return Unknown
	}
	return Failed
}

// fault reads a sender's error. Only an answer about this very mail or this very address is permanent: a wrong password or
// a sender that the server does not know is mended by the operator, and then the mail can go.
func fault(err error) found {
	var given *Permanent
	var sending *mail.SendError
	var answer *textproto.Error
	var path *fs.PathError
	var untrusted *tls.CertificateVerificationError
	var network net.Error
	switch {
	case err == nil:
		return found{}
	case errors.As(err, &given):
		return found{detail: given.Detail, permanent: true}
	case errors.As(err, &sending):
		return refusal(sending)
	case errors.As(err, &answer) && (answer.Code == 530 || answer.Code == 534 || answer.Code == 535 || answer.Code == 538):
		return found{detail: "The mail server refused the user name or password in LYCEUM_MAIL_URL."}
	case errors.As(err, &answer):
		return found{detail: fmt.Sprintf("The mail server is not taking mail from this computer now (answer %d).", answer.Code)}
	case errors.As(err, &path):
		return found{detail: "The mail could not be written to its folder. Check free space and permissions."}
	case errors.As(err, &untrusted):
		return found{detail: "The mail server's certificate cannot be trusted, so nothing was sent."}
	case errors.Is(err, context.Canceled):
		return found{detail: "Lyceum was stopped while it sent this mail."}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return found{detail: "The mail server did not answer in time."}
	case errors.As(err, &network):
		return found{detail: "The mail server cannot be reached. Check LYCEUM_MAIL_URL."}
	}
	return found{detail: "The mail could not be handed on. Check LYCEUM_MAIL_URL."}
}

// refusal reads an error from within the SMTP conversation (RFC 5321 section 4.2.1: 4xx passes, 5xx does not).
func refusal(e *mail.SendError) found {
	code := e.ErrorCode()
	shown := strings.TrimSpace(fmt.Sprintf("%d %s", code, e.EnhancedStatusCode()))
	switch {
	case code == 0 && e.Reason == mail.ErrSMTPDataClose:
		return found{detail: "The connection broke after the mail was handed over; it may have arrived.", unknown: true}
	case code == 0:
		return found{detail: "The connection to the mail server broke before the mail was handed over."}
	case code < 500:
		return found{detail: fmt.Sprintf("The mail server asked to try later (answer %s).", shown)}
	case e.Reason == mail.ErrSMTPMailFrom:
		return found{detail: fmt.Sprintf("The mail server does not take mail from the address in LYCEUM_MAIL_FROM (answer %s).", shown)}
	case e.Reason == mail.ErrSMTPRcptTo:
		return found{detail: fmt.Sprintf("The mail server does not take mail for this address (answer %s).", shown), permanent: true}
	}
	return found{detail: fmt.Sprintf("The mail server refused this mail (answer %s).", shown), permanent: true}
}
