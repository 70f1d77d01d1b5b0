package wire

import (
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// Longest values a client may send besides SDP and chat text, in bytes.
const (
	maxID        = 64
	maxName      = 64
	maxReference = 128
	maxCandidate = 1024
)

// Refusal is the error of the decoders. Code is malformed, unknown, invalid or too-long; ID and Kind are
// the id and type of the message, when it had readable ones.
type Refusal struct {
	Code string
	ID   string
	Kind string
}

func (r *Refusal) Error() string { return "wire: message refused: " + r.Code }

// DecodeClient reads a message that a client sent. The caller has bounded its size. Every error is a
// *Refusal: malformed ends the connection, the others are answered and it lives.
func DecodeClient(data []byte) (Message, error) {
	f, kind, err := open(data)
	if err != nil {
		return nil, err
	}
	var m Message
	switch kind {
	case "hello":
		m = Hello{Token: f.needed("token"), Resume: f.text("resume"), Move: f.boolean("move")}
	case "command":
		return decodeCommand(f)
	case "answer":
		m = Answer{Side: f.side(), Number: f.number("number"), SDP: f.needed("sdp")}
	case "candidate":
		m = Candidate{Side: f.side(), Candidate: f.short("candidate", maxCandidate), Mid: f.short("mid", maxID)}
	case "ping":
		m = Ping{ID: f.id()}
	case "bye":
		m = Bye{}
	default:
		return nil, &Refusal{Code: CodeUnknown, ID: f.anyID()}
	}
	if f.refused != nil {
		return nil, f.refused
	}
	return m, nil
}

// decodeCommand checks the id first, so that every later refusal can carry it.
func decodeCommand(f *fields) (Message, error) {
	c := Command{ID: f.id(), Name: f.needed("name")}
	args := &fields{values: f.object("args")}
	c.Args = Args{
		Participant: args.short("participant", maxReference), Source: args.text("source"),
		Text: args.text("text"), Message: args.short("message", maxReference),
		Mode: args.short("mode", maxID), Part: args.short("part", maxID), Scope: args.short("scope", maxID),
		Seconds: args.count("seconds"),
	}
	switch {
	case f.refused != nil:
		return nil, f.refused
	case args.refused != nil:
		return nil, &Refusal{Code: args.refused.Code, ID: c.ID}
	}
	if code := c.check(); code != "" {
		return nil, &Refusal{Code: code, ID: c.ID}
	}
	return c, nil
}

// check returns the code of what is wrong with the arguments of a command, or "".
func (c Command) check() string {
	ok := true
	switch c.Name {
	case "hand.raise", "hand.lower", "stage.accept", "stage.decline", "stage.leave",
		"lobby.ask", "lobby.admit-all", "lock", "unlock", "panic":
	case "chat.send":
		if utf8.RuneCountInString(c.Args.Text) > ChatLength {
			return CodeTooLong
		}
		ok = c.Args.Text != ""
	case "chat.delete", "chat.approve", "chat.discard":
		ok = c.Args.Message != ""
	case "stage.invite", "stage.withdraw", "stage.return", "remove", "lobby.admit", "lobby.return":
		ok = c.Args.Participant != ""
	case "publish", "unpublish", "pause", "resume":
		ok = knownSource(c.Args.Source)
	case "mute", "allow", "grant", "revoke":
		ok = c.Args.Participant != "" && knownSource(c.Args.Source)
	default:
		return c.checkHouse()
	}
	if !ok {
		return CodeInvalid
	}
	return ""
}

// checkHouse is check for the commands about the room as a whole.
func (c Command) checkHouse() string {
	a := c.Args
	ok := false
	switch c.Name {
	case "lobby.deny":
		if utf8.RuneCountInString(a.Text) > DenyLength {
			return CodeTooLong
		}
		ok = a.Participant != ""
	case "lobby.mode":
		ok = slices.Contains([]string{"open", "admit", "known", "closed"}, a.Mode)
	case "chat.mode":
		ok = slices.Contains([]string{"open", "hosts", "off"}, a.Mode) || a.Mode == "slow" && a.Seconds >= 1 && a.Seconds <= MaxSlow
	case "chat.hold":
		ok = a.Mode == "newcomers" || a.Mode == "nobody"
	case "rights":
		ok = knownSource(a.Source) && slices.Contains([]string{"nobody", "known", "everyone"}, a.Mode)
	case "unfreeze":
		ok = slices.Contains([]string{"chat", "stage", "floor"}, a.Part)
	case "ban":
		ok = a.Participant != "" && (a.Scope == "event" || a.Scope == "site")
	default:
		return CodeUnknown
	}
	if !ok {
		return CodeInvalid
	}
	return ""
}

func knownSource(s string) bool { return s == "mic" || s == "camera" || s == "screen" }

func knownSide(s string) bool { return s == "publish" || s == "subscribe" }

// open reads the outer object and its type.
func open(data []byte) (*fields, string, error) {
	if err := scan(data); err != nil {
		return nil, "", &Refusal{Code: CodeMalformed}
	}
	f := &fields{}
	if err := json.Unmarshal(data, &f.values); err != nil {
		return nil, "", &Refusal{Code: CodeMalformed}
	}
	f.kind = f.needed("type")
	if f.refused != nil {
		return nil, "", f.refused
	}
	return f, f.kind, nil
}

// fields reads values by their exact names (encoding/json alone would also take TYPE for type) and keeps
// the first refusal.
type fields struct {
	values  map[string]json.RawMessage
	kind    string
	refused *Refusal
}

func (f *fields) refuse(code string) {
	if f.refused == nil {
		f.refused = &Refusal{Code: code, Kind: f.kind}
	}
}

func (f *fields) into(name string, v any) {
	raw, ok := f.values[name]
	if ok && json.Unmarshal(raw, v) != nil {
		f.refuse(CodeMalformed)
	}
}

func (f *fields) text(name string) (s string) {
	f.into(name, &s)
	return s
}

func (f *fields) boolean(name string) (b bool) {
	f.into(name, &b)
	return b
}

func (f *fields) object(name string) (m map[string]json.RawMessage) {
	f.into(name, &m)
	return m
}

// needed is a text that must be there and not be empty.
func (f *fields) needed(name string) string {
	s := f.text(name)
	if s == "" {
		f.refuse(CodeMalformed)
	}
	return s
}

// short is an optional text of at most limit bytes.
func (f *fields) short(name string, limit int) string {
	s := f.text(name)
	if len(s) > limit {
		f.refuse(CodeInvalid)
	}
	return s
}

func (f *fields) id() string {
	s := f.needed("id")
	if utf8.RuneCountInString(s) > maxID {
		f.refuse(CodeMalformed)
	}
	return s
}

// anyID is the id of a message that is refused anyway: unreadable ones count as none.
func (f *fields) anyID() string {
	var s string
	if json.Unmarshal(f.values["id"], &s) != nil || utf8.RuneCountInString(s) > maxID {
		return ""
	}
	return s
}

// number is a whole number from 1.
func (f *fields) number(name string) (n int) {
	f.into(name, &n)
	if n < 1 {
		f.refuse(CodeInvalid)
	}
	return n
}

// count is an optional whole number that is not negative.
func (f *fields) count(name string) (n int) {
	f.into(name, &n)
	if n < 0 {
		f.refuse(CodeInvalid)
	}
	return n
}

func (f *fields) side() string {
	s := f.needed("side")
	if s != "" && !knownSide(s) {
		f.refuse(CodeInvalid)
	}
	return s
}
