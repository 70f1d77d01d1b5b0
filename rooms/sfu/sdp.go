package sfu

import (
	"fmt"

	"github.com/pion/sdp/v3"
)

// checkAnswer refuses an answer that cannot belong to the offer, before it
// reaches pion: once pion has taken a description, a refusal leaves a
// connection that has to be made anew. The sections must be those of the
// offer, in its order (RFC 3264 section 6), and say how to connect.
func checkAnswer(offer, answer string) error {
	if len(answer) > maxSDP {
		return fmt.Errorf("%w: %d bytes", ErrMalformed, len(answer))
	}
	var ours, theirs sdp.SessionDescription
	if err := ours.UnmarshalString(offer); err != nil {
		return fmt.Errorf("sfu: read own offer: %w", err)
	}
	if err := theirs.UnmarshalString(answer); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if len(ours.MediaDescriptions) != len(theirs.MediaDescriptions) {
		return fmt.Errorf("%w: %d media sections, offered %d", ErrMalformed, len(theirs.MediaDescriptions), len(ours.MediaDescriptions))
	}
	for i, m := range theirs.MediaDescriptions {
		o := ours.MediaDescriptions[i]
		mid, _ := m.Attribute("mid")
		if want, _ := o.Attribute("mid"); mid != want || m.MediaName.Media != o.MediaName.Media {
			return fmt.Errorf("%w: media section %d is not the one offered", ErrMalformed, i)
		}
	}
	for _, need := range []string{"ice-ufrag", "ice-pwd", "fingerprint"} {
		if !says(&theirs, need) {
			return fmt.Errorf("%w: no %s", ErrMalformed, need)
		}
	}
	return nil
}

// maxSections bounds what a client may offer in one description.
const maxSections = 8

// checkOffer refuses what a WHIP or WHEP client has no use for: anything but a
// few audio and video sections, data channels among them.
func checkOffer(offer string) error {
	if len(offer) > maxSDP {
		return fmt.Errorf("%w: %d bytes", ErrMalformed, len(offer))
	}
	var theirs sdp.SessionDescription
	if err := theirs.UnmarshalString(offer); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if n := len(theirs.MediaDescriptions); n == 0 || n > maxSections {
		return fmt.Errorf("%w: %d media sections", ErrMalformed, n)
	}
	for _, m := range theirs.MediaDescriptions {
		if k := m.MediaName.Media; k != "audio" && k != "video" {
			return fmt.Errorf("%w: a media section of kind %q", ErrMalformed, k)
		}
	}
	return nil
}

// says reports whether the session or any of its media has an attribute.
func says(d *sdp.SessionDescription, attribute string) bool {
	if _, ok := d.Attribute(attribute); ok {
		return true
	}
	for _, m := range d.MediaDescriptions {
		if _, ok := m.Attribute(attribute); ok {
			return true
		}
	}
	return false
}
