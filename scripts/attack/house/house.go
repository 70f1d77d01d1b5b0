// Package house starts the built binary as a site of its own on free loopback
// ports, and makes the people who then attack or fill it: room tokens, seats
// with their tickets, staff sessions. Tokens and tickets are signed with the
// site's own secret file, as a thief of a valid credential would have them; what
// is under test is what the site lets such a holder do. It knows nothing about
// any single attack: see the packages beside it.
package house

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"lyceum/rooms"
	"lyceum/rooms/token"
	"lyceum/server/registration"
)

// tokenLife is the longest a token may have, and longer than any attack.
const tokenLife = time.Hour

// House is a running site.
type House struct {
	URL    string // http://127.0.0.1:port
	Live   string // ws://127.0.0.1:port/live
	Media  string // the UDP and TCP address that media is sent to
	Data   string // the data folder
	binary string
	site   *exec.Cmd
	ended  chan error // the process's end; capacity 1, written once
	minter *token.Minter
	keys   registration.Keys
}

// Open starts "lyceum serve" with its data in dir and answers when it is open.
// Mail is kept as files; rate limits are off.
func Open(ctx context.Context, binary, dir string) (*House, error) {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return nil, fmt.Errorf("house: find the binary: %w", err)
	}
	if _, err := os.Stat(binary); err != nil {
		return nil, fmt.Errorf("house: run ./scripts/build first: %w", err)
	}
	h := &House{Data: filepath.Join(dir, "data"), Media: freeAddress(), binary: binary, ended: make(chan error, 1)}
	if err := h.start(ctx); err != nil {
		h.Close()
		return nil, err
	}
	return h, h.readSecret()
}

// freeAddress is a loopback address that was free a moment ago.
func freeAddress() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "127.0.0.1:0"
	}
	defer l.Close()
	return l.Addr().String()
}

func (h *House) env() []string {
	return append(os.Environ(), "LYCEUM_DATA="+h.Data, "LYCEUM_LISTEN=127.0.0.1:0", "LYCEUM_MEDIA_ADDR="+h.Media, "LYCEUM_RATE_LIMITS=off")
}

var running = regexp.MustCompile(`running at (http://\S+)`)

func (h *House) start(ctx context.Context) error {
	h.site = exec.Command(h.binary, "serve")
	h.site.Env = h.env()
	said, err := h.site.StderrPipe()
	if err != nil {
		return err
	}
	if err := h.site.Start(); err != nil {
		return fmt.Errorf("house: start the site: %w", err)
	}
	open := make(chan string, 1) // the address, once
	go func() {
		var first []string
		for lines := bufio.NewScanner(said); lines.Scan(); {
			if at := running.FindStringSubmatch(lines.Text()); at != nil {
				open <- at[1]
			}
			if len(first) < 20 {
				first = append(first, lines.Text())
			}
		}
		h.ended <- fmt.Errorf("house: the site ended: %w: %s", h.site.Wait(), strings.Join(first, "\n"))
	}()
	select {
	case h.URL = <-open:
		h.Live = "ws" + strings.TrimPrefix(h.URL, "http") + "/live"
		return nil
	case err := <-h.ended:
		h.ended <- err
		return err
	case <-ctx.Done():
		return fmt.Errorf("house: wait for the site: %w", ctx.Err())
	}
}

// Lives reports whether the process is still there.
func (h *House) Lives() bool { return len(h.ended) == 0 }

// Process is the site's process id.
func (h *House) Process() int { return h.site.Process.Pid }

// Close ends the process and waits for it.
func (h *House) Close() {
	if h.site == nil || h.site.Process == nil {
		return
	}
	_ = h.site.Process.Kill()
	<-h.ended
}

// readSecret takes the keys that the site signs with.
func (h *House) readSecret() error {
	text, err := os.ReadFile(filepath.Join(h.Data, "secret.json"))
	if err != nil {
		return fmt.Errorf("house: read the secret: %w", err)
	}
	var secret struct {
		Site   []byte `json:"site"`
		Tokens []struct {
			ID      string    `json:"id"`
			Seed    []byte    `json:"seed"`
			Created time.Time `json:"created"`
		} `json:"tokens"`
	}
	if err := json.Unmarshal(text, &secret); err != nil {
		return fmt.Errorf("house: read the secret: %w", err)
	}
	var keys []token.Key
	for _, k := range secret.Tokens {
		keys = append(keys, token.Key{ID: k.ID, Private: ed25519.NewKeyFromSeed(k.Seed), Created: k.Created})
	}
	sum := sha256.Sum256(append([]byte("issuer\x00"), secret.Site...))
	h.minter = token.NewMinter("lyceum:"+hex.EncodeToString(sum[:8]), keys, time.Now)
	h.keys = registration.Keys{Site: secret.Site}
	return nil
}

// Token is a good room token of one participant, who is a person of their own.
func (h *House) Token(room, participant string, role rooms.Role) string {
	text, err := h.minter.Mint(token.Claims{
		Participant: participant, Name: "Demo " + participant, Person: "person-" + room + "-" + participant, Room: room, Role: role,
	}, tokenLife)
	if err != nil {
		panic(fmt.Sprintf("house: mint a token: %v", err)) // the claims above are always good
	}
	return text
}
