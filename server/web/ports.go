package web

import (
	"context"
	"errors"
	"time"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/settings"
	"lyceum/server/staff"
)

// Store is what the website reads and writes. Unknown things are answered with
// event.ErrNotFound, registration.ErrNotFound or the errors of package staff.
type Store interface {
	Events
	Registrations
	Staff
	// Deliveries lists the newest attempts to mail or post something, newest first.
	Deliveries(ctx context.Context, limit int) ([]Delivery, error)
}

// Events is the part of the Store that holds events.
type Events interface {
	Event(ctx context.Context, idOrSlug string) (event.Event, error)
	// Upcoming lists events that are not over, by start. The cursor next is "" at the end.
	Upcoming(ctx context.Context, now time.Time, after string, limit int) (items []event.Event, next string, err error)
	EventsForStaff(ctx context.Context, limit int) ([]event.Event, error)
	AddEvent(ctx context.Context, e event.Event) error
	// MoveEvent is one transaction with the mails that tell of it; event.ErrCancelled for an event that is off.
	MoveEvent(ctx context.Context, id string, startsAt, endsAt, now time.Time) (event.Event, error)
	CancelEvent(ctx context.Context, id string, now time.Time) error
}

// Registrations is the part of the Store that holds seats. Register and
// CancelRegistration each are one transaction together with the mails they cause.
type Registrations interface {
	Register(ctx context.Context, in RegisterInput) (registration.Registered, error)
	Registration(ctx context.Context, id string) (registration.Registration, error)
	RenameRegistration(ctx context.Context, id, name string) (registration.Registration, error)
	CancelRegistration(ctx context.Context, id string, now time.Time) (registration.Registration, error)
	RegistrationsOfEvent(ctx context.Context, eventID string) ([]registration.Registration, error)
}

// Staff is the part of the Store that knows who works here and who is signed in.
// It is given hashes only (see HashSecret), never a code or a session.
type Staff interface {
	// RequestSignIn queues a mail for a known address and does nothing for any other.
	RequestSignIn(ctx context.Context, email string, now time.Time) error
	// RedeemSignInCode uses a code up and begins a session; staff.ErrCodeRefused otherwise.
	RedeemSignInCode(ctx context.Context, codeHash, sessionHash []byte, now, expires time.Time) (staff.Staff, error)
	// StaffSession answers staff.ErrSignedOut for a session that is not.
	StaffSession(ctx context.Context, sessionHash []byte, now time.Time) (staff.Staff, error)
	EndStaffSession(ctx context.Context, sessionHash []byte) error
}

// RegisterInput is one application for a seat. An empty IdempotencyKey means no
// protection against a repeated request.
type RegisterInput struct {
	EventID        string
	Applicant      registration.Applicant
	Person         string
	IdempotencyKey string
	Now            time.Time
}

// Delivery is the record of one mail or post.
type Delivery struct {
	ID, Kind, Channel, Recipient, Subject, EventID, RegistrationID string

	State     string // "sending", "sent", "failed" or "unknown"
	Attempts  int
	Detail    string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// House is what the library says about itself, and whether its mail works. Settings and Open answer from memory.
type House interface {
	Settings() settings.Settings
	SaveSettings(ctx context.Context, s settings.Settings) (settings.Settings, error)
	// Open tells whether registrations are taken: not before a test mail has gone through.
	Open() bool
	// Mail describes how mail goes out.
	Mail() Mail
	// TestMail sends a test mail at once. Its error, when it says Plain() string, is shown to the administrator.
	TestMail(ctx context.Context, to string) error
}

// Mail is how mail goes out, without passwords.
type Mail struct {
	State    string    `json:"state" enum:"works,untested,files" doc:"untested: registration opens after a test mail. files: mail is kept as files, which is for demos and tests."`
	Server   string    `json:"server" doc:"The mail server's host and port; empty for files."`
	From     string    `json:"from" doc:"The address that mails come from."`
	TestedAt time.Time `json:"testedAt,omitzero" doc:"When the last test mail went through."`
}

// ErrBanned is what Rooms.Admit answers for a person who was removed from the event.
var ErrBanned = errors.New("web: person is banned from the room")

// Rooms lets people into live rooms.
type Rooms interface {
	// Admit makes a token for one person and one room, or answers ErrBanned.
	Admit(ctx context.Context, a Admission) (Pass, error)
}

// Admission is a person at the door, already checked: the ticket or the staff
// session was good and the doors are open.
type Admission struct {
	EventID     string
	Participant string // the registration's id, or "staff-" and the staff id
	Name        string
	Role        string // "attendee" or "host"
	Person      string
}

// Pass is what opens the room.
type Pass struct {
	Token      string
	ExpiresAt  time.Time
	ICEServers []ICEServer
}

// ICEServer is one STUN or TURN server, in the shape of RTCIceServer (W3C WebRTC
// section 4.2.4).
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}
