// Package post holds the rules of what the library posts to its social networks: a channel is an account that staff have
// connected, a post is one text for one event, channel and moment.
//
// The package writes the first draft of a text and cuts it to a channel's limit, says which texts may go out at all (never
// one with a personal link or an address of the room), when a post is due and when it has become pointless. It knows
// neither the networks' protocols nor how they count: the caller passes the counting in. What went wrong with a channel or
// a post is one of the codes in fault.go; the console has a sentence for each.
package post
