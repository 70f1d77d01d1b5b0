package registration

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// A ticket is 16 bytes of id and 16 bytes of MAC, in base64url without padding.
const (
	idSize     = 16
	macSize    = 16
	ticketSize = 43
)

// Labels keep the uses of the one site key apart: a MAC made for one purpose
// never verifies for another.
const (
	ticketLabel = "lyceum ticket 1\x00"
	personLabel = "lyceum person 1\x00"
)

// ticketEncoding is strict, so that a ticket has exactly one spelling.
var ticketEncoding = base64.RawURLEncoding.Strict()

// Keys computes tickets and persons from the site's secret. The secret must be
// random and at least 32 bytes; whoever has it can write any ticket.
type Keys struct{ Site []byte }

// Ticket is the proof for the registration with that UUID at that generation, 43
// characters. It returns "" when id is not a UUID. Compute it when a mail is
// rendered; never store it and never put it into an answer or a log.
func (k Keys) Ticket(id string, generation int) string {
	raw, ok := idBytes(id)
	if !ok {
		return ""
	}
	return ticketEncoding.EncodeToString(append(raw, k.mac(raw, generation)...))
}

// ReadTicket returns the registration id inside a ticket. It checks the shape
// only: call Keys.Verify before believing anything.
func ReadTicket(ticket string) (id string, err error) {
	raw, _, err := split(ticket)
	if err != nil {
		return "", err
	}
	return idText(raw), nil
}

// Verify checks a ticket against the registration it names, in constant time.
// Whatever is wrong (shape, MAC, an older generation, a cancelled or refused
// registration), the error is ErrTicketRefused. A waitlisted registration passes:
// its holder may look at it and cancel, but see Registration.Seated.
func (k Keys) Verify(ticket string, r Registration) error {
	raw, mac, err := split(ticket)
	if err != nil {
		return err
	}
	good := hmac.Equal(mac, k.mac(raw, r.Generation))
	if !good || idText(raw) != r.ID || r.Status == Cancelled || r.Status == Refused {
		return ErrTicketRefused
	}
	return nil
}

// Person is a keyed hash of a mail address, 22 characters: the same for every
// case and plus-address of one mailbox, and of no use without the site key.
func (k Keys) Person(email string) string {
	local, domain, _ := strings.Cut(strings.ToLower(strings.TrimSpace(email)), "@")
	if i := strings.IndexByte(local, '+'); i > 0 {
		local = local[:i]
	}
	h := hmac.New(sha256.New, k.Site)
	h.Write([]byte(personLabel + local + "@" + domain))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:macSize])
}

func (k Keys) mac(id []byte, generation int) []byte {
	h := hmac.New(sha256.New, k.Site)
	h.Write([]byte(ticketLabel))
	h.Write(id)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(generation)))
	return h.Sum(nil)[:macSize]
}

func split(ticket string) (id, mac []byte, err error) {
	if len(ticket) != ticketSize {
		return nil, nil, ErrTicketRefused
	}
	raw, err := ticketEncoding.DecodeString(ticket)
	if err != nil || len(raw) != idSize+macSize {
		return nil, nil, ErrTicketRefused
	}
	return raw[:idSize:idSize], raw[idSize:], nil
}

// idBytes reads a UUID in its usual form (RFC 9562 section 4), lower case only, so
// that an id has one spelling; idText writes it.
func idBytes(id string) ([]byte, bool) {
	raw, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	return raw, err == nil && len(raw) == idSize && idText(raw) == id
}

func idText(raw []byte) string {
	x := hex.EncodeToString(raw)
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}
