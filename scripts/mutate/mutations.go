package main

// mutation is one fault: in File, the text Old (which must occur exactly once)
// becomes New. The tests of Packages whose names match Tests must then fail.
type mutation struct {
	Name, File, Old, New string
	Packages             []string
	Tests                string
}

// mutations are the five. Their order is their number, from 1.
var mutations = []mutation{
	{
		Name: "the capacity check takes one seat too many",
		File: "server/registration/decide.go",
		Old:  "if e.SeatsLeft() == 0 || e.Waiting > 0 {", New: "if e.SeatsLeft() < 0 || e.Waiting > 0 {",
		Packages: []string{"./server/registration"}, Tests: ".",
	},
	{
		Name: "the policy lets everybody remove somebody",
		File: "rooms/policy.go",
		Old:  "{CommandRemove, hosts},", New: "{CommandRemove, everyone},",
		Packages: []string{"./rooms"}, Tests: "Policy",
	},
	{
		Name: "the gate forwards what a host has muted",
		File: "rooms/state.go",
		Old:  "if !st.Published || st.Paused || st.Muted {", New: "if !st.Published || st.Paused {",
		Packages: []string{"./rooms/live"}, Tests: "Mute",
	},
	{
		Name: "nobody looks into the journal for a ban",
		File: "rooms/live/enter.go",
		Old:  "if err == nil && banned {", New: "if err == nil && banned && false {",
		Packages: []string{"./rooms/live"}, Tests: "Ban|Removal",
	},
	{
		Name: "the doors do not wait for their hour",
		File: "server/event/event.go",
		Old:  "return e.Status == Scheduled && !now.Before(e.OpensAt()) && now.Before(e.ClosesAt())", New: "return e.Status == Scheduled && now.Before(e.ClosesAt())",
		Packages: []string{"./server/event"}, Tests: ".",
	},
}
