package wire

import "time"

// Subprotocol is the websocket subprotocol of this version.
const Subprotocol = "lyceum.v1"

// Limits of PROTOCOL.md, section 6. Sizes are bytes, ChatLength is Unicode code points, rates are a second.
const (
	HelloBytes        = 4096
	HelloWithin       = 3 * time.Second
	MessageBytes      = 65536
	ChatLength        = 1000
	DenyLength        = 200
	MaxSlow           = 3600
	CommandsPerSecond = 20
	CommandBurst      = 40
	RefusalsPerSecond = 20
	RefusalBurst      = 100
	MessagesPerSecond = 100
	MessageBurst      = 300
	QueueMessages     = 256
	QueueBytes        = 1 << 20
	Silence           = 20 * time.Second
	PingEvery         = 5 * time.Second
)

// maxDepth bounds the nesting of a message, outer object included.
const maxDepth = 8

// Codes of an error message that do not come from the rules of a room.
const (
	CodeUnknown     = "unknown"
	CodeInvalid     = "invalid"
	CodeTooLong     = "too-long"
	CodeRateLimited = "rate-limited"
	CodeInternal    = "internal"
	// CodeMalformed never travels in an error message: it ends the connection.
	CodeMalformed = "malformed"
)

// Codes of a bye. Each has its own close number, see [CloseNumber].
const (
	ByeMalformed  = "malformed"
	ByeToken      = "token"
	ByeRemoved    = "removed"
	ByeRoomOver   = "room-over"
	ByeTimeout    = "hello-timeout"
	ByeElsewhere  = "elsewhere"
	ByeMoved      = "moved"
	ByeTooLarge   = "too-large"
	ByeSilent     = "silent"
	ByeClosed     = "closed"
	ByeTooFast    = "too-fast"
	ByeTooSlow    = "too-slow"
	ByeInternal   = "internal"
	ByeRestarting = "restarting"
)

// CloseNumber returns the websocket close status (RFC 6455, section 7.4.2: 4000 to 4999 are private) that
// goes with a bye code; a code this version does not know counts as internal.
func CloseNumber(code string) int {
	switch code {
	case ByeMalformed:
		return 4400
	case ByeToken:
		return 4401
	case ByeRemoved:
		return 4403
	case ByeRoomOver:
		return 4404
	case ByeTimeout:
		return 4408
	case ByeElsewhere:
		return 4409
	case ByeMoved:
		return 4410
	case ByeTooLarge:
		return 4413
	case ByeSilent:
		return 4420
	case ByeClosed:
		return 4423
	case ByeTooFast:
		return 4429
	case ByeTooSlow:
		return 4430
	case ByeRestarting:
		return 4503
	default:
		return 4500
	}
}
