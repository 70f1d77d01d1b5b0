package rooms

import (
	"slices"
	"strings"
)

// The names of commands. The first four, and stand-in, are given by rooms/live
// alone when connections come and go; see [FromWire].
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
	CommandBan           = "ban"
	CommandLobbyMode     = "lobby.mode"
	CommandLobbyAdmit    = "lobby.admit"
	CommandLobbyAdmitAll = "lobby.admit-all"
	CommandLobbyDeny     = "lobby.deny"
	CommandLobbyAsk      = "lobby.ask"
	CommandLobbyReturn   = "lobby.return"
	CommandLock          = "lock"
	CommandUnlock        = "unlock"
	CommandPanic         = "panic"
	CommandUnfreeze      = "unfreeze"
	CommandGrant         = "grant"
	CommandRevoke        = "revoke"
	CommandRights        = "rights"
	CommandChatMode      = "chat.mode"
	CommandChatHold      = "chat.hold"
	CommandChatApprove   = "chat.approve"
	CommandChatDiscard   = "chat.discard"
	CommandStandIn       = "stand-in"

	// Rows for a command turned on somebody else, or on a source of its own.
	othersMessage = "chat.delete of others"
	othersHand    = "hand.lower of others"
	publishScreen = "publish screen"
	stepUp        = "stage.accept uninvited"
	joinFreely    = "join past the lobby"
	joinLocked    = "join while locked"
	chatAlways    = "chat.send while restricted"
	chatUnheld    = "chat.send as a newcomer"
	actOnHosts    = "act on a host"
	allowSelf     = "allow oneself"
	banSite       = "ban from the site"
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
	{actOnHosts, host},
	{allowSelf, host},
	{CommandRemove, hosts},
	{CommandBan, hosts},
	{banSite, host},
	{joinFreely, speakers},
	{joinLocked, hosts},
	{CommandLobbyMode, hosts},
	{CommandLobbyAdmit, hosts},
	{CommandLobbyAdmitAll, hosts},
	{CommandLobbyDeny, hosts},
	{CommandLobbyAsk, everyone},
	{CommandLobbyReturn, hosts},
	{CommandLock, hosts},
	{CommandUnlock, hosts},
	{CommandPanic, hosts},
	{CommandUnfreeze, host},
	{CommandGrant, hosts},
	{CommandRevoke, hosts},
	{CommandRights, hosts},
	{chatAlways, hosts},
	{chatUnheld, speakers},
	{CommandChatMode, hosts},
	{CommandChatHold, hosts},
	{CommandChatApprove, hosts},
	{CommandChatDiscard, hosts},
	{CommandStandIn, coHost},
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
	case CommandJoin, CommandLeave, CommandLose, CommandReturn, CommandStandIn:
		return false
	}
	// Rows for a command turned on somebody else have a space in their name.
	return !strings.Contains(command, " ") && slices.Contains(Commands(), command)
}

// Restricts reports whether the command takes something away from somebody. Such
// commands take effect first and are stored after; all others the other way
// round.
func Restricts(c Command) bool {
	switch c.Name {
	case CommandMute, CommandRemove, CommandBan, CommandChatDelete, CommandStageReturn, CommandStageLeave,
		CommandStageWithdraw, CommandUnpublish, CommandPause, CommandLeave, CommandLose,
		CommandLobbyDeny, CommandLobbyReturn, CommandLock, CommandPanic, CommandRevoke, CommandChatDiscard:
		return true
	case CommandLobbyMode:
		return c.Mode == string(LobbyAdmit) || c.Mode == string(LobbyClosed)
	case CommandChatMode:
		return c.Mode != string(ChatOpen)
	case CommandChatHold:
		return c.Mode == holdNewcomers
	case CommandRights:
		return c.Mode == string(RightNobody)
	}
	return false
}
