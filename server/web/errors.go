package web

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"lyceum/server/event"
	"lyceum/server/post"
	"lyceum/server/registration"
	"lyceum/server/settings"
	"lyceum/server/staff"
)

// comeBack is what a client is told to wait when a part of the house does not answer.
const comeBack = 3 * time.Second

// limited says that a bucket is empty. The pages read RetryAfter from it.
type limited struct{ wait time.Duration }

func (l *limited) Error() string { return fmt.Sprintf("web: rate limited for %v", l.wait) }

// RetryAfter is how long to wait for the next try.
func (l *limited) RetryAfter() time.Duration { return l.wait }

// problemOf is the only way from an error to an answer. Nothing of the error's
// text goes out; an error it does not know becomes "internal".
func problemOf(err error) *Problem {
	var (
		problem *Problem
		fields  event.Problems
		limit   *limited
		refused *fiber.Error
		away    interface{ Unavailable() bool } // a store that does not answer
	)
	switch {
	case errors.As(err, &problem):
		return problem
	case errors.As(err, &fields):
		return invalid(fields)
	case errors.As(err, &limit):
		problem = newProblem(codeRateLimited)
		problem.retryAfter = limit.wait
		return problem
	case errors.As(err, &refused):
		return problemForStatus(refused.Code)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &away) && away.Unavailable():
		problem = newProblem(codeUnavailable)
		problem.retryAfter = comeBack
		return problem
	}
	for _, known := range sentinels() {
		if errors.Is(err, known.err) {
			return newProblem(known.code)
		}
	}
	return newProblem(codeInternal)
}

type sentinel struct {
	err  error
	code string
}

// sentinels maps the errors of the rules packages to codes.
func sentinels() []sentinel {
	return []sentinel{
		{event.ErrNotFound, codeNotFound},
		{event.ErrCancelled, codeEventCancelled},
		{registration.ErrNotFound, codeNotFound},
		{staff.ErrNotFound, codeNotFound},
		{registration.ErrClosed, codeRegistrationClosed},
		{registration.ErrNotOpen, codeNotOpen},
		{registration.ErrTicketRefused, codeTicketRefused},
		{registration.ErrKeyReused, codeKeyReused},
		{staff.ErrCodeRefused, codeCodeRefused},
		{staff.ErrSignedOut, codeSignedOut},
		{ErrBanned, codeBanned},
		{post.ErrNotFound, codeNotFound},
		{post.ErrOut, codePostOut},
	}
}

// invalid lists what a rules package found wrong.
func invalid(fields event.Problems) *Problem {
	p := newProblem(codeInvalid)
	for _, f := range fields {
		p.Errors = append(p.Errors, FieldError{Field: f.Field, Code: f.Code, Detail: fieldText(f.Code)})
	}
	return p
}

// Codes of fields beyond those of package event: what huma's schema check finds.
const (
	fieldUnexpected = "unexpected"
	fieldWrongType  = "wrong-type"
	fieldTooShort   = "too-short"
)

// fieldText is the sentence for a field's code.
func fieldText(code string) string {
	switch code {
	case event.CodeRequired:
		return "Fill this in."
	case event.CodeTooLong:
		return "This is too long."
	case event.CodeBadText:
		return "This has characters that cannot be shown. Type it again."
	case event.CodeNotAnEmail:
		return "This is not a complete mail address, such as name@example.org."
	case event.CodeLink:
		return "Type a name, not a link."
	case event.CodeInThePast:
		return "Choose a time that is still to come."
	case event.CodeUnknown:
		return "Choose one of the values offered."
	case settings.CodeLowContrast:
		return "This colour is too pale to read. Choose a darker one."
	case event.CodeOutOfRange:
		return "This number is too small or too large."
	case post.FaultPrivateLink:
		return "Leave this link out: it opens a private page. Link to the event's public page."
	case fieldUnexpected:
		return "This field does not exist here."
	case fieldTooShort:
		return "This is too short."
	}
	return "This has the wrong form."
}

// fromHuma turns what huma refused into a Problem. It is installed as a response
// transformer of one API, so huma's global NewError stays as it is.
func fromHuma(_ huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := problemForStatus(model.Status)
	if p.Code != codeInvalid {
		return p, nil
	}
	for _, d := range model.Errors {
		p.Errors = append(p.Errors, fieldError(d))
	}
	return p, nil
}

// fieldError reads huma's English message; it has no code of its own. The
// messages are fixed in huma's package validation, and a test walks them.
func fieldError(d *huma.ErrorDetail) FieldError {
	_, field, _ := strings.Cut(d.Location, ".") // "body.name", "path.id", "header.Idempotency-Key"
	code := fieldWrongType
	switch {
	case d.Message == "unexpected property":
		code = fieldUnexpected
	case strings.HasPrefix(d.Message, "expected required property "):
		// The location is the object; the property stands in the message.
		name, _, _ := strings.Cut(strings.TrimPrefix(d.Message, "expected required property "), " ")
		field, code = strings.TrimPrefix(field+"."+name, "."), event.CodeRequired
	case strings.HasPrefix(d.Message, "required "):
		code = event.CodeRequired
	case strings.HasPrefix(d.Message, "expected length <="):
		code = event.CodeTooLong
	case strings.HasPrefix(d.Message, "expected length >="):
		code = fieldTooShort
	case strings.HasPrefix(d.Message, "expected number ") && d.Message != "expected number":
		code = event.CodeOutOfRange
	case strings.HasPrefix(d.Message, "expected value to be one of"):
		code = event.CodeUnknown
	}
	return FieldError{Field: field, Code: code, Detail: fieldText(code)}
}
