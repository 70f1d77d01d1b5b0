// Package packet reads what forwarding needs from one RTP packet, in place.
//
// A view is made once for each incoming packet and handed to every
// subscription, so nothing below it parses again. It copies nothing and
// allocates nothing: the payload points into the buffer that was given. Only
// the audio level is taken from the header extensions (RFC 6464); everything
// else a publisher puts there stays at the border. It knows nothing of codecs,
// streams or sockets.
package packet

import (
	"encoding/binary"
	"errors"
)

// ErrMalformed is returned for bytes that are not one RTP packet.
var ErrMalformed = errors.New("packet: not an rtp packet")

// View is one RTP packet (RFC 3550 section 5.1).
type View struct {
	PayloadType uint8
	Marker      bool
	Seq         uint16
	Timestamp   uint32
	SSRC        uint32
	// Level is the audio level byte of RFC 6464: one bit of voice activity and
	// the level in -dBov. Only meaningful with HasLevel.
	Level    uint8
	HasLevel bool
	// Payload excludes padding. It is empty for packets that only probe.
	Payload []byte
}

// The header extension profiles of RFC 8285 sections 4.2 and 4.3.
const (
	profileOneByte     = 0xBEDE
	profileTwoByte     = 0x1000
	profileTwoByteMask = 0xFFF0
)

const fixedHeader = 12

// Parse reads b. levelID is the negotiated id of the audio level extension, or
// zero when there is none.
func Parse(b []byte, levelID uint8) (View, error) {
	if len(b) < fixedHeader || b[0]>>6 != 2 {
		return View{}, ErrMalformed
	}
	v := View{
		PayloadType: b[1] & 0x7f,
		Marker:      b[1]&0x80 != 0,
		Seq:         binary.BigEndian.Uint16(b[2:]),
		Timestamp:   binary.BigEndian.Uint32(b[4:]),
		SSRC:        binary.BigEndian.Uint32(b[8:]),
	}
	at := fixedHeader + 4*int(b[0]&0x0f)
	if b[0]&0x10 != 0 {
		if len(b) < at+4 {
			return View{}, ErrMalformed
		}
		profile := binary.BigEndian.Uint16(b[at:])
		end := at + 4 + 4*int(binary.BigEndian.Uint16(b[at+2:]))
		if len(b) < end {
			return View{}, ErrMalformed
		}
		if levelID != 0 {
			v.Level, v.HasLevel = level(profile, b[at+4:end], levelID)
		}
		at = end
	}
	end := len(b)
	if end < at {
		return View{}, ErrMalformed
	}
	if b[0]&0x20 != 0 {
		padding := int(b[end-1])
		if padding == 0 || end-padding < at {
			return View{}, ErrMalformed
		}
		end -= padding
	}
	v.Payload = b[at:end]
	return v, nil
}

// level finds the first byte of the extension with the given id.
func level(profile uint16, b []byte, id uint8) (uint8, bool) {
	for len(b) > 0 {
		if b[0] == 0 { // padding between elements
			b = b[1:]
			continue
		}
		var have uint8
		var head, n int
		switch {
		case profile == profileOneByte:
			have, head, n = b[0]>>4, 1, int(b[0]&0x0f)+1
			if have == 15 { // reserved: stop reading
				return 0, false
			}
		case profile&profileTwoByteMask == profileTwoByte && len(b) > 1:
			have, head, n = b[0], 2, int(b[1])
		default:
			return 0, false
		}
		if len(b) < head+n {
			return 0, false
		}
		if have == id && n > 0 {
			return b[head], true
		}
		b = b[head+n:]
	}
	return 0, false
}
