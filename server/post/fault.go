package post

import "time"

// The codes of what goes wrong with a channel or a post. The console says each in a plain sentence together with the one
// thing to do: add codes, never rename them.
const (
	FaultUnreachable  = "unreachable"  // no connection, or no answer in time, before anything was sent
	FaultNotPublic    = "not-public"   // the address is not one that the site may call
	FaultNoService    = "no-service"   // something answers there, but not this service
	FaultSignIn       = "sign-in"      // token or password refused
	FaultScope        = "scope"        // the token may not do this
	FaultAccount      = "account"      // the account is suspended, moved or gone
	FaultTooLong      = "too-long"     // the service found the text too long
	FaultRefused      = "refused"      // the service refused the text for another reason
	FaultRateLimited  = "rate-limited" // too many calls; the service says when to come back
	FaultServer       = "server-fault" // the service has a fault of its own
	FaultSilent       = "silent"       // sent, and then no answer: it may be out
	FaultCancelled    = "cancelled"    // the event was called off
	FaultTooLate      = "too-late"     // the moment has passed
	FaultDisconnected = "disconnected" // the channel was disconnected
	FaultUnreadable   = "unreadable"   // the sealed credentials do not open with this site's key
	FaultPrivateLink  = "private-link" // a text that would give somebody's personal link away
)

// Faults lists every code, so that tests can ask for its sentence.
func Faults() []string {
	return []string{
		FaultUnreachable, FaultNotPublic, FaultNoService, FaultSignIn, FaultScope, FaultAccount, FaultTooLong, FaultRefused,
		FaultRateLimited, FaultServer, FaultSilent, FaultCancelled, FaultTooLate, FaultDisconnected, FaultUnreadable, FaultPrivateLink,
	}
}

// Fault is how a call of a service failed.
type Fault struct {
	Code    string
	Passing bool          // the same call may succeed later
	Maybe   bool          // the call may have done its work
	After   time.Duration // what the service asked to wait; 0 when it did not say
	Cause   error
}

// Error names the code and the cause; it holds neither credentials nor the service's words.
func (f *Fault) Error() string {
	if f.Cause == nil {
		return "post: " + f.Code
	}
	return "post: " + f.Code + ": " + f.Cause.Error()
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// steps are the pauses between attempts; the last one repeats.
func steps() []time.Duration {
	return []time.Duration{10 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute}
}

// Pause is how long to wait after that many attempts: never shorter than what the service asked for, and at most a day.
func Pause(attempts int, asked time.Duration) time.Duration {
	all := steps()
	return min(max(all[min(max(attempts, 1), len(all))-1], asked), 24*time.Hour)
}
