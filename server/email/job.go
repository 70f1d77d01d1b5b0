package email

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"lyceum/server/outreach"
	"lyceum/server/registration"
)

// SignIn is the kind of mail that brings a member of staff their sign-in link. The other kinds are those of the
// packages registration and outreach.
const SignIn = "mail.sign-in"

// Job names one mail that is due. ID is the outbox row's id: the delivery, the Message-ID and the file name come from it.
type Job struct {
	ID           string `json:"id"`
	Kind         string `json:"kind"`
	Registration string `json:"registration"`
	Event        string `json:"event"`
	Staff        string `json:"staff"`
}

const maxJobID = 64 // bytes; a UUID has 36

// ParseJob reads a job as the relay writes it. The error is a *Permanent: the same bytes never become a job.
func ParseJob(data []byte) (Job, error) {
	var job Job
	if err := json.Unmarshal(data, &job); err != nil {
		return Job{}, &Permanent{Detail: "The order for this mail cannot be read.", Err: err}
	}
	if err := job.check(); err != nil {
		return Job{}, err
	}
	return job, nil
}

// check makes sure that the id can stand in a header and in a file name, and that we know how to write such a mail.
func (j Job) check() error {
	if j.ID == "" || len(j.ID) > maxJobID || strings.ContainsFunc(j.ID, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	}) {
		return &Permanent{Detail: "The order for this mail has no usable id.", Err: errors.New("email: bad job id")}
	}
	if !slices.Contains(Kinds(), j.Kind) {
		return &Permanent{Detail: "Lyceum does not know this kind of mail.", Err: errors.New("email: unknown kind of mail")}
	}
	return nil
}

// Kinds lists every kind of mail this package can write.
func Kinds() []string {
	return []string{
		registration.MailRegistration, registration.MailWaitlisted, registration.MailPromoted, registration.MailAgain,
		registration.MailCancelled, registration.MailRefused, SignIn,
		outreach.MailReminderWeek, outreach.MailReminderDay, outreach.MailReminderHour,
		outreach.MailEventChanged, outreach.MailEventCancelled,
	}
}
