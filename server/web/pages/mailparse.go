package pages

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxDepth = 5  // of parts within parts
	maxParts = 50 // of one mail, in all
)

var errTooManyParts = errors.New("too many parts")

// parsedMail is what the demo's mailbox shows of a mail: its text part, never its HTML.
type parsedMail struct {
	subject, from, to, text string
	at                      time.Time
	attachments             []string
	parts                   int
}

// parseMail reads a mail (RFC 5322, MIME). What it cannot decode is an error or left out; nothing of it is trusted.
func parseMail(r io.Reader) (parsedMail, error) {
	msg, err := mail.ReadMessage(io.LimitReader(r, maxMail))
	if err != nil {
		return parsedMail{}, fmt.Errorf("pages: read mail: %w", err)
	}
	m := parsedMail{subject: header(msg.Header, "Subject"), from: header(msg.Header, "From"), to: header(msg.Header, "To")}
	if at, err := msg.Header.Date(); err == nil {
		m.at = at
	}
	if err := m.read(msg.Header.Get, msg.Body, 0); err != nil {
		return parsedMail{}, fmt.Errorf("pages: read mail: %w", err)
	}
	return m, nil
}

// read takes in one part and the parts within it. get answers a header of the part.
func (m *parsedMail) read(get func(string) string, body io.Reader, depth int) error {
	if m.parts++; m.parts > maxParts || depth > maxDepth {
		return errTooManyParts
	}
	kind, params, err := mime.ParseMediaType(get("Content-Type"))
	if err != nil {
		kind = "text/plain" // RFC 2045 section 5.2: the default
	}
	if strings.HasPrefix(kind, "multipart/") {
		return m.readParts(multipart.NewReader(body, params["boundary"]), depth)
	}
	disposition, args, _ := mime.ParseMediaType(get("Content-Disposition"))
	name := args["filename"]
	switch {
	case disposition == "attachment" || name != "" && kind != "text/plain":
		m.attachments = append(m.attachments, plain(name))
	case kind == "text/plain" && m.text == "":
		text, err := io.ReadAll(decoded(get("Content-Transfer-Encoding"), body))
		if err != nil {
			return err
		}
		m.text = plain(strings.ReplaceAll(string(text), "\r\n", "\n"))
	}
	return nil
}

func (m *parsedMail) readParts(parts *multipart.Reader, depth int) error {
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := m.read(part.Header.Get, part, depth+1); err != nil {
			return err
		}
	}
}

func decoded(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	}
	return body
}

func header(h mail.Header, name string) string {
	value := h.Get(name)
	if text, err := new(mime.WordDecoder).DecodeHeader(value); err == nil {
		value = text
	}
	return plain(value)
}

// plain drops what could turn the page's text around or break it: bad UTF-8, controls, direction overrides.
func plain(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < 0x20, r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}
