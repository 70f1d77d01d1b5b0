package rooms

import "slices"

// The names of commands. The first four are given by rooms/live alone when
// connections come and go; see [FromWire].
const (
	CommandJoin          = "join"
	CommandLeave         = "leave"
	CommandLose          = "lose"
	CommandReturn        = "return"
	CommandChatSend      = "chat.send"
	CommandChatDelete    = "chat.delete"
	CommandHandRaise     = "hand.raise"
	CommandHandLower     = "hand.lower"
	CommandStageInvite   = "stage.invite"
	CommandStageWithdraw = "stage.withdraw"
	CommandStageAccept   = "stage.accept"
	CommandStageDecline  = "stage.decline"
	CommandStageLeave    = "stage.leave"
	CommandStageReturn   = "stage.return"
	CommandPublish       = "publish"
	CommandUnpublish     = "unpublish"
	CommandPause         = "pause"
	CommandResume        = "resume"
	CommandMute          = "mute"
	CommandAllow         = "allow"
	CommandRemove        = "remove"

	// Rows for a command turned on somebody else, or on a source of its own.
	othersMessage = "chat.delete of others"
	othersHand    = "hand.lower of others"
	publishScreen = "publish screen"
	stepUp        = "stage.accept uninvited"
)

// roleSet is a set of roles, one bit each, so that the table is plain data.
type roleSet uint8

const (
	host roleSet = 1 << iota
	coHost
	speaker
	captioner
	attendee

	hosts    = host | coHost
	speakers = hosts | speaker
	everyone = speakers | captioner | attendee
)

func (r Role) bit() roleSet {
	switch r {
	case RoleHost:
		return host
	case RoleCoHost:
		return coHost
	case RoleSpeaker:
		return speaker
	case RoleCaptioner:
		return captioner
	case RoleAttendee:
		return attendee
	}
	return 0
}

// policy is the whole of who may do what: one row a command. Apply asks it
// before anything else; what is not listed is refused. It is an array that
// nothing writes.
var policy = [...]struct {
	command string
	roles   roleSet
}{
	{CommandJoin, everyone},
	{CommandLeave, everyone},
	{CommandLose, everyone},
	{CommandReturn, everyone},
	{CommandChatSend, everyone},
	{CommandChatDelete, everyone},
	{othersMessage, hosts},
	{CommandHandRaise, everyone},
	{CommandHandLower, everyone},
	{othersHand, hosts},
	{CommandStageInvite, hosts},
	{CommandStageWithdraw, hosts},
	{CommandStageAccept, everyone},
	{stepUp, speakers},
	{CommandStageDecline, everyone},
	{CommandStageLeave, everyone},
	{CommandStageReturn, hosts},
	{CommandPublish, everyone},
	{publishScreen, speakers},
	{CommandUnpublish, everyone},
	{CommandPause, everyone},
	{CommandResume, everyone},
	{CommandMute, hosts},
	{CommandAllow, hosts},
	{CommandRemove, hosts},
}

// Allowed reports whether the role may give the command at all. It is the first
// check and not the last: Apply also looks at places, invitations and mutes.
func Allowed(r Role, command string) bool {
	for _, row := range policy {
		if row.command == command {
			return row.roles&r.bit() != 0
		}
	}
	return false
}

// Commands lists every row of the policy table, in its order.
func Commands() []string {
	names := make([]string, 0, len(policy))
	for _, row := range policy {
		names = append(names, row.command)
	}
	return names
}

// FromWire reports whether a client may name this command; the others speak of
// connections, which only the server sees.
func FromWire(command string) bool {
	switch command {
	case CommandJoin, CommandLeave, CommandLose, CommandReturn,
		othersMessage, othersHand, publishScreen, stepUp:
		return false
	}
	return slices.Contains(Commands(), command)
}

// Restricts reports whether the command takes something away from somebody. Such
// commands take effect first and are stored after; all others the other way
// round.
func Restricts(c Command) bool {
	switch c.Name {
	case CommandMute, CommandRemove, CommandChatDelete, CommandStageReturn, CommandStageLeave,
		CommandStageWithdraw, CommandUnpublish, CommandPause, CommandLeave, CommandLose:
		return true
	}
	return false
}
