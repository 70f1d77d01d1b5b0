package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

// Bounds of one WHIP or WHEP request.
const (
	requestWithin = 10 * time.Second
	answerBytes   = 1 << 18
)

// WHIP says where to publish (RFC 9725) or, for [Listen], where to play (WHEP).
type WHIP struct {
	URL   string
	Token string
	// Loopback binds media to 127.0.0.1 alone.
	Loopback bool
	// HTTP is the client to use; nil means one of our own.
	HTTP *http.Client
	// Log is told about reconnecting; nil means nobody is.
	Log *slog.Logger
}

// StatusError is a server's refusal.
type StatusError struct {
	Status int
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("client: server answered %d %s", e.Status, http.StatusText(e.Status))
}

// session is a peer connection negotiated by one HTTP exchange.
type session struct {
	at       WHIP
	resource string // the Location: whoever knows it may end the session
	pc       *webrtc.PeerConnection
	done     chan struct{} // closed once when the connection is over
	end      sync.Once
}

func newSession(at WHIP) (*session, error) {
	api, err := newAPI(at.Loopback)
	if err != nil {
		return nil, err
	}
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, fmt.Errorf("client: peer connection: %w", err)
	}
	s := &session{at: at, pc: pc, done: make(chan struct{})}
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateFailed || state == webrtc.PeerConnectionStateClosed {
			s.end.Do(func() { close(s.done) })
		}
	})
	return s, nil
}

// negotiate posts our offer and takes the answer.
func (s *session) negotiate(ctx context.Context) error {
	offer, err := s.pc.CreateOffer(nil)
	if err != nil {
		return fmt.Errorf("client: create offer: %w", err)
	}
	sdp, err := describe(ctx, s.pc, offer)
	if err != nil {
		return err
	}
	answer, location, err := s.post(ctx, sdp)
	if err != nil {
		return err
	}
	s.resource = location
	err = s.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer})
	if err != nil {
		return errors.Join(fmt.Errorf("client: take answer: %w", err), s.delete(ctx))
	}
	return nil
}

func (s *session) post(ctx context.Context, sdp string) (answer, location string, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.at.URL, strings.NewReader(sdp))
	if err != nil {
		return "", "", fmt.Errorf("client: post offer: %w", err)
	}
	req.Header.Set("Content-Type", "application/sdp")
	req.Header.Set("Authorization", "Bearer "+s.at.Token)
	res, err := s.http().Do(req)
	if err != nil {
		return "", "", fmt.Errorf("client: post offer: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusCreated {
		return "", "", &StatusError{Status: res.StatusCode}
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, answerBytes))
	if err != nil {
		return "", "", fmt.Errorf("client: read answer: %w", err)
	}
	base, err := url.Parse(s.at.URL)
	if err != nil {
		return "", "", fmt.Errorf("client: parse address: %w", err)
	}
	at, err := base.Parse(res.Header.Get("Location"))
	if err != nil {
		return "", "", fmt.Errorf("client: parse location: %w", err)
	}
	return string(body), at.String(), nil
}

// delete ends the session on the server.
func (s *session) delete(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, requestWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, s.resource, nil)
	if err != nil {
		return fmt.Errorf("client: delete session: %w", err)
	}
	res, err := s.http().Do(req)
	if err != nil {
		return fmt.Errorf("client: delete session: %w", err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusNotFound {
		return &StatusError{Status: res.StatusCode}
	}
	return nil
}

func (s *session) http() *http.Client {
	if s.at.HTTP != nil {
		return s.at.HTTP
	}
	// Keep-alives would leave a goroutine behind for two requests an hour apart.
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, Proxy: http.ProxyFromEnvironment}}
}

// close ends the media at once; with leave, the server is told as well.
func (s *session) close(ctx context.Context, leave bool) error {
	var err error
	if leave && s.resource != "" {
		err = s.delete(ctx)
	}
	closeErr := s.pc.GracefulClose()
	s.end.Do(func() { close(s.done) })
	return errors.Join(err, closeErr)
}
