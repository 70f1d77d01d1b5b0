package wire

import "encoding/json"

// DecodeServer reads a message that a server sent, for clients in Go. Every error is a *Refusal; a client
// skips unknown ones, which a newer server may send.
func DecodeServer(data []byte) (Message, error) {
	f, kind, err := open(data)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "welcome":
		return decode(data, func(m Welcome) bool { return m.Self != "" && m.Room.ID != "" && m.Room.Version > 0 })
	case "waiting":
		return decode(data, func(m Waiting) bool { return m.Waiting.Reason != "" })
	case "entered":
		return decode(data, func(m Entered) bool { return m.Room.ID != "" && m.Room.Version > 0 })
	case "done":
		return decode(data, func(m Done) bool { return m.ID != "" })
	case "error":
		return decode(data, func(m Error) bool { return m.Code != "" })
	case "event":
		return decode(data, func(m Event) bool { return m.Event.Version > 0 && m.Event.Kind != "" })
	case "offer":
		return decode(data, func(m Offer) bool { return knownSide(m.Side) && m.Number > 0 && m.SDP != "" })
	case "failed":
		return decode(data, func(m Failed) bool { return knownSide(m.Side) })
	case "pong":
		return decode(data, func(m Pong) bool { return m.ID != "" })
	case "bye":
		return decode(data, func(m Bye) bool { return m.Code != "" })
	}
	return nil, &Refusal{Code: CodeUnknown, ID: f.anyID()}
}

// decode reads data into T and refuses what does not satisfy whole.
func decode[T Message](data []byte, whole func(T) bool) (Message, error) {
	var m T
	if err := json.Unmarshal(data, &m); err != nil || !whole(m) {
		return nil, &Refusal{Code: CodeMalformed}
	}
	return m, nil
}
