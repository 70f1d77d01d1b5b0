package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Problem is how every failed call is answered: the problem details of RFC 9457
// with a code that stays the same over versions. Clients branch on Code; Title
// and Detail are for people.
type Problem struct {
	Type    string       `json:"type" doc:"A name for this kind of problem: urn:lyceum:problem: and the code."`
	Title   string       `json:"title" doc:"The kind of problem in a few words."`
	Status  int          `json:"status" doc:"The HTTP status."`
	Code    string       `json:"code" doc:"Stable name of the problem."`
	Detail  string       `json:"detail,omitempty" doc:"What to do now."`
	OpensAt *time.Time   `json:"opensAt,omitempty" doc:"When the doors open (code doors-closed)."`
	Errors  []FieldError `json:"errors,omitempty" doc:"What is wrong field by field (code invalid)."`

	retryAfter time.Duration // rounded up to seconds in Retry-After; 0 for none
}

// FieldError says what is wrong with one field.
type FieldError struct {
	Field  string `json:"field" doc:"Name of the field, such as email."`
	Code   string `json:"code" doc:"Stable name of what is wrong, such as required."`
	Detail string `json:"detail" doc:"The same for people."`
}

// Error is for logs.
func (p *Problem) Error() string { return "web: problem " + p.Code }

// GetStatus is the HTTP status; huma asks for it.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType turns the negotiated JSON type into RFC 9457's; huma asks for it.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders adds what RFC 9110 wants beside some statuses; huma asks for it.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(seconds(p.retryAfter)))
	}
	if p.Code == codeTicketRefused {
		h.Set("WWW-Authenticate", `Bearer realm="lyceum"`) // RFC 6750 section 3
	}
	return h
}

const problemType = "application/problem+json"

// seconds rounds up: a client that comes back after them is not too early.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// The codes of problems. They are part of the API: add, never rename.
const (
	codeInvalid            = "invalid"
	codeMalformed          = "malformed"
	codeNotFound           = "not-found"
	codeMethodNotAllowed   = "method-not-allowed"
	codeTooSlow            = "too-slow"
	codeTooLarge           = "too-large"
	codeUnsupported        = "unsupported-media-type"
	codeHeadersTooLarge    = "headers-too-large"
	codeRateLimited        = "rate-limited"
	codeKeyReused          = "key-reused"
	codeRegistrationClosed = "registration-closed"
	codeNotOpen            = "registration-not-open"
	codeMailFailed         = "mail-failed"
	codeForbidden          = "forbidden"
	codeSignedOut          = "signed-out"
	codeCodeRefused        = "code-refused"
	codeOriginRefused      = "origin-refused"
	codeTicketRefused      = "ticket-refused"
	codeWaitlisted         = "waitlisted"
	codeDoorsClosed        = "doors-closed"
	codeEventOver          = "event-over"
	codeEventCancelled     = "event-cancelled"
	codeNotOnline          = "not-online"
	codeBanned             = "banned"
	codeChannel            = "channel-fault"
	codePostOut            = "post-out"
	codeUnavailable        = "unavailable"
	codeInternal           = "internal"
)

// kind is one row of the error table.
type kind struct {
	code   string
	status int
	title  string
	detail string
}

// kinds is the error table: everything that can go wrong, once.
func kinds() []kind {
	return []kind{
		{codeInvalid, 422, "Some fields need your attention", "Check the fields listed and send again."},
		{codeMalformed, 400, "This request cannot be read", "Send well-formed JSON as the API's description says."},
		{codeNotFound, 404, "Nothing here", "There is nothing at this address."},
		{codeMethodNotAllowed, 405, "Not possible here", "This address does not take this method; see the Allow header."},
		{codeTooSlow, 408, "That took too long", "The request did not arrive in time. Send it again."},
		{codeTooLarge, 413, "Too much at once", "Send less than the limit of this address."},
		{codeUnsupported, 415, "Wrong content type", "Send application/json, not compressed."},
		{codeHeadersTooLarge, 431, "Headers too large", "Send fewer or shorter headers."},
		{codeRateLimited, 429, "Too many tries", "Wait a little, then try again."},
		{codeKeyReused, 422, "This key was used before", "Use a new Idempotency-Key for a new request."},
		{codeRegistrationClosed, 409, "Registration is closed", "This event takes no more registrations."},
		{codeNotOpen, 409, "Registration is not open yet", "The library is still setting up its mail. Come back later."},
		{codeMailFailed, 502, "The mail did not go out", "Check the mail server's address, name and password in LYCEUM_MAIL_URL."},
		{codeForbidden, 403, "Not allowed", "Your rights do not cover this. Ask an administrator of the library."},
		{codeSignedOut, 401, "You are signed out", "Sign in again."},
		{codeCodeRefused, 401, "This sign-in link does not work", "It was used before or is too old. Ask for a new one."},
		{codeOriginRefused, 403, "This did not come from our pages", "Open the library's own page and try again."},
		{codeTicketRefused, 401, "This link does not work", "The seat was given back or the link is not complete. Register again or use the newest mail."},
		{codeWaitlisted, 409, "You are on the waiting list", "We send you a mail when a seat is free for you."},
		{codeDoorsClosed, 409, "The doors are still closed", "Come back when the doors open."},
		{codeEventOver, 409, "This event is over", "The room is closed."},
		{codeEventCancelled, 409, "This event is cancelled", "The library has called this event off."},
		{codeNotOnline, 409, "This event has no online room", "It takes place at the library."},
		{codeBanned, 403, "You cannot enter this room", "The host removed you from this event."},
		{codeChannel, 409, "The social network did not take this", "The listed code says what is wrong and what to do."},
		{codePostOut, 409, "This post cannot change any more", "It is out, or on its way. Look at the outbox."},
		{codeUnavailable, 503, "Not available right now", "Try again in a moment."},
		{codeInternal, 500, "Something went wrong on our side", "Try again in a moment. The library can find this in its log."},
	}
}

// newProblem makes the problem with that code out of the table.
func newProblem(code string) *Problem {
	for _, k := range kinds() {
		if k.code == code {
			return &Problem{Type: "urn:lyceum:problem:" + code, Title: k.title, Status: k.status, Code: code, Detail: k.detail}
		}
	}
	return newProblem(codeInternal)
}

// problemForStatus is the problem for what Fiber, fasthttp or huma refused by themselves.
func problemForStatus(status int) *Problem {
	switch status {
	case 400, 404, 405, 408, 413, 415, 422, 429, 431, 503:
		for _, k := range kinds() {
			if k.status == status { // the first row of a status is its general one
				return newProblem(k.code)
			}
		}
	case 426:
		return newProblem(codeMalformed)
	}
	if status >= 400 && status < 500 {
		return newProblem(codeMalformed)
	}
	return newProblem(codeInternal)
}

// ProblemTable prints the error table, one line a code. Tests compare it with a
// golden file, reviewers read its changes.
func ProblemTable() string {
	var out strings.Builder
	for _, k := range kinds() {
		fmt.Fprintf(&out, "%d %-24s%s. %s\n", k.status, k.code, k.title, k.detail)
	}
	return out.String()
}
