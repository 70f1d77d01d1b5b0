package rooms

import (
	"slices"
	"strconv"
	"time"
)

const (
	// heldEach is how many messages of one person wait for a host at most, heldAll
	// how many of everybody.
	heldEach = 3
	heldAll  = 200
)

func (a *applying) say() error {
	text := cleanText(a.c.Text)
	switch n := runes(text); {
	case n == 0:
		return refuse(CodeInvalid)
	case n > ChatLength:
		return refuse(CodeTooLong)
	}
	if err := a.mayWrite(); err != nil {
		return err
	}
	kind := KindSaid
	if a.isNewcomer() {
		kind = KindHeld
		if err := a.mayHold(); err != nil {
			return err
		}
	}
	e := a.emit(kind, a.actor)
	e.Message = &Message{
		ID:   "m" + strconv.FormatUint(e.Version, 10),
		From: a.actor, Name: a.self.Name, Text: text, At: a.now,
	}
	return nil
}

// mayWrite asks the chat's mode. A freeze and "off" are for everybody.
func (a *applying) mayWrite() error {
	chat := a.s.Settings.Chat
	switch {
	case a.s.Settings.Frozen.Chat:
		return refuse(CodeFrozen)
	case chat.Mode == ChatOff:
		return refuse(CodeChatClosed)
	case a.may(chatAlways):
		return nil
	case chat.Mode == ChatHosts:
		return refuse(CodeChatClosed)
	case chat.Mode == ChatSlow:
		next := a.s.Seen[a.self.Key()].Wrote.Add(time.Duration(chat.Seconds) * time.Second)
		if next.After(a.now) {
			return &Error{Code: CodeSlow, RetryAfter: next.Sub(a.now)}
		}
	}
	return nil
}

func (a *applying) isNewcomer() bool {
	return a.s.Settings.Chat.Hold && !a.may(chatUnheld) && !a.s.Seen[a.self.Key()].Heard
}

func (a *applying) mayHold() error {
	mine := 0
	for _, m := range a.s.Held {
		if m.From == a.actor {
			mine++
		}
	}
	if mine >= heldEach || len(a.s.Held) >= heldAll {
		return refuse(CodeHeld)
	}
	return nil
}

func (a *applying) erase() error {
	i := slices.IndexFunc(a.s.Chat, func(m Message) bool { return m.ID == a.c.Message })
	if i < 0 {
		return refuse(CodeNotFound)
	}
	m := a.s.Chat[i]
	if m.From != a.actor && !a.may(othersMessage) {
		return refuse(CodeForbidden)
	}
	if m.Deleted {
		return refuse(CodeAlready)
	}
	a.emit(KindChatDeleted, m.From).Message = &Message{ID: m.ID, From: m.From}
	return nil
}

// judge is a host's answer to a held message. Approved, it is said now: the chat's
// order is the order of its reading.
func (a *applying) judge() error {
	i := slices.IndexFunc(a.s.Held, func(m Message) bool { return m.ID == a.c.Message })
	if i < 0 {
		return refuse(CodeNotFound)
	}
	m := a.s.Held[i]
	if a.c.Name == CommandChatDiscard {
		a.emit(KindDiscarded, m.From).Message = &Message{ID: m.ID, From: m.From, Deleted: true}
		return nil
	}
	if a.s.Settings.Frozen.Chat {
		return refuse(CodeFrozen)
	}
	m.At = a.now
	a.emit(KindSaid, m.From).Message = &m
	return nil
}

func (a *applying) chatMode() error {
	mode, seconds := ChatMode(a.c.Mode), 0
	if !mode.Known() {
		return refuse(CodeInvalid)
	}
	if mode == ChatSlow {
		if seconds = a.c.Seconds; seconds < 1 || seconds > MaxSlow {
			return refuse(CodeInvalid)
		}
	}
	now := a.s.Settings.Chat
	if now.Mode == mode && now.Seconds == seconds {
		return nil
	}
	a.set(KindChatMode, func(set *Settings) { set.Chat.Mode, set.Chat.Seconds = mode, seconds })
	return nil
}

func (a *applying) chatHold() error {
	if a.c.Mode != holdNewcomers && a.c.Mode != holdNobody {
		return refuse(CodeInvalid)
	}
	hold := a.c.Mode == holdNewcomers
	if a.s.Settings.Chat.Hold == hold {
		return nil
	}
	a.set(KindChatHold, func(set *Settings) { set.Chat.Hold = hold })
	return nil
}

// evolveChat is [State.Evolve] for chat.
func (s *State) evolveChat(e Event) {
	if e.Message == nil {
		return
	}
	switch e.Kind {
	case KindSaid:
		s.unhold(e.Message.ID)
		s.say(*e.Message)
		s.wrote(e, true)
	case KindHeld:
		s.Held = append(slices.Clone(s.Held), *e.Message)
		s.wrote(e, false)
	case KindDiscarded:
		s.unhold(e.Message.ID)
	case KindChatDeleted:
		s.erase(e.Message.ID)
	}
}

// wrote remembers when the author wrote. An approved message was written earlier.
func (s *State) wrote(e Event, heard bool) {
	p := s.Participants[e.Participant]
	if p == nil {
		return
	}
	s.remember(p, func(r *Record) {
		if e.Actor == e.Participant {
			r.Wrote = e.At
		}
		r.Heard = r.Heard || heard
	})
}

func (s *State) say(m Message) {
	s.Chat = append(s.Chat, m)
	if extra := len(s.Chat) - chatKept; extra > 0 {
		s.Chat = append([]Message{}, s.Chat[extra:]...)
	}
}

func (s *State) unhold(message string) {
	s.Held = slices.DeleteFunc(slices.Clone(s.Held), func(m Message) bool { return m.ID == message })
}

func (s *State) erase(message string) {
	for i := range s.Chat {
		if s.Chat[i].ID == message {
			s.Chat[i].Text, s.Chat[i].Deleted = "", true
		}
	}
}
