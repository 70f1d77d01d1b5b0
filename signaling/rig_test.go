package signaling_test

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"go.uber.org/goleak"

	"lyceum/rooms"
	"lyceum/rooms/journal"
	"lyceum/rooms/live"
	"lyceum/rooms/sfu"
	"lyceum/rooms/state"
	"lyceum/rooms/token"
	"lyceum/signaling/client"
	"lyceum/signaling/socket"
	"lyceum/signaling/whip"
	"lyceum/signaling/wire"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp's worker cleaner looks for its stop signal only every ten seconds, and its clock for the
		// Date header runs as long as the process.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

const (
	room   = "event-1"
	issuer = "http://lyceum.test"
)

// rig is both signalling servers on a loopback port, with a real hub, real media and an embedded Redis.
type rig struct {
	t       *testing.T
	addr    string
	key     token.Key
	minter  *token.Minter
	sockets *socket.Server
	http    *http.Client

	panicNext atomic.Bool // the socket server's next look at its clock panics
}

// now is the socket server's clock.
func (r *rig) now() time.Time {
	if r.panicNext.Swap(false) {
		panic("the test asked for it")
	}
	return time.Now()
}

func newRig(t *testing.T) *rig {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	_, private, err := ed25519.GenerateKey(nil)
	must(t, err)
	r := &rig{t: t, key: token.Key{ID: "k1", Private: private, Created: time.Now()},
		http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	r.minter = token.NewMinter(issuer, []token.Key{r.key}, time.Now)
	verifier := token.NewVerifier(issuer,
		map[string]ed25519.PublicKey{"k1": private.Public().(ed25519.PublicKey)}, time.Now)
	node, err := sfu.Open(sfu.Config{Addr: "127.0.0.1:0", Log: log})
	must(t, err)
	store, err := state.Open(t.Context(), "embedded")
	must(t, err)
	hub := live.New(live.Config{State: store, Journal: journal.NewMemory(), Media: node, Now: time.Now, Log: log})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	r.addr = listener.Addr().String()
	app := fiber.New(fiber.Config{DisableStartupMessage: true, Immutable: true})
	r.sockets = socket.Mount(app, socket.Config{Hub: hub, Verifier: verifier, PublicURL: r.url(""), Now: r.now, Log: log})
	publishers := whip.Mount(app, whip.Config{Hub: hub, Verifier: verifier, PublicURL: r.url(""), Now: time.Now, Log: log})
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		must(t, r.sockets.Close(ctx))
		must(t, publishers.Close(ctx))
		must(t, app.ShutdownWithContext(ctx))
		must(t, <-served)
		hub.Close()
		must(t, node.Close())
		must(t, store.Close())
	})
	return r
}

func (r *rig) url(path string) string { return "http://" + r.addr + path }
func (r *rig) ws() string             { return "ws://" + r.addr + "/live" }

// mint makes a token for the test's room. The person is that of the participant.
func (r *rig) mint(participant string, role rooms.Role) string {
	r.t.Helper()
	return r.mintFor(token.Claims{
		Participant: participant, Name: "Demo " + participant, Person: "person-" + participant, Room: room, Role: role,
	})
}

func (r *rig) mintFor(c token.Claims) string {
	r.t.Helper()
	signed, err := r.minter.Mint(c, 5*time.Minute)
	must(r.t, err)
	return signed
}

// join dials as a participant, who is dropped when the test ends.
func (r *rig) join(ctx context.Context, participant string, role rooms.Role, o client.Options) *client.Conn {
	r.t.Helper()
	o.Loopback = true
	c, err := client.Dial(ctx, r.ws(), r.mint(participant, role), o)
	must(r.t, err)
	r.t.Cleanup(c.Drop)
	return c
}

func (r *rig) whip(participant string, role rooms.Role) client.WHIP {
	return client.WHIP{URL: r.url("/whip/" + room), Token: r.mint(participant, role), Loopback: true}
}

func (r *rig) whep(participant string, role rooms.Role) client.WHIP {
	return client.WHIP{URL: r.url("/whep/" + room), Token: r.mint(participant, role), Loopback: true}
}

// within bounds everything a test waits for.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// kind matches the first event of a kind about a participant.
func kind(k, participant string) func(wire.RoomEvent) bool {
	return func(e wire.RoomEvent) bool {
		return e.Kind == k && (participant == "" || e.Participant == participant)
	}
}
