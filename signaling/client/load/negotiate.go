package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/pion/webrtc/v4"
)

// answerBytes is the longest answer that is read.
const answerBytes = 1 << 18

// session is a connection negotiated by one HTTP exchange.
type session struct {
	pc       *webrtc.PeerConnection
	resource string // ends it on the server; empty when the server named none
}

// negotiate posts our offer and takes the answer (RFC 9725 section 4).
func (f *Fleet) negotiate(ctx context.Context, pc *webrtc.PeerConnection, at, token string) (*session, error) {
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		return nil, fmt.Errorf("load: offer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(offer); err != nil {
		return nil, fmt.Errorf("load: offer: %w", err)
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(pc.LocalDescription().SDP))
	if err != nil {
		return nil, fmt.Errorf("load: post offer: %w", err)
	}
	req.Header.Set("Content-Type", "application/sdp")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := f.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("load: post offer: %w", err)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, answerBytes))
	_ = res.Body.Close()
	if err != nil || res.StatusCode != http.StatusCreated {
		return nil, errors.Join(fmt.Errorf("load: server answered %s", res.Status), err)
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(body)}); err != nil {
		return nil, fmt.Errorf("load: take answer: %w", err)
	}
	s := &session{pc: pc}
	if to, err := req.URL.Parse(res.Header.Get("Location")); err == nil && res.Header.Get("Location") != "" {
		s.resource = to.String()
	}
	return s, nil
}

func (f *Fleet) leave(ctx context.Context, s *session) {
	if s.resource != "" {
		if req, err := http.NewRequestWithContext(ctx, http.MethodDelete, s.resource, nil); err == nil {
			if res, err := f.http.Do(req); err == nil {
				_ = res.Body.Close()
			}
		}
	}
	_ = s.pc.GracefulClose()
}
