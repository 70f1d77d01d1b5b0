// Package keyframe tells whether an RTP payload begins a picture that can be
// shown without any before it.
//
// Whoever has missed packets, or changes from one encoding to another, can go
// on there and only there. It looks at the payload's first bytes, for VP8 (RFC
// 7741) and H.264 (RFC 6184), and says no to everything it cannot read. It
// keeps no state.
package keyframe

// H.264 NAL unit types (RFC 6184 section 5.2).
const (
	nalIDR   = 5
	nalSPS   = 7
	nalSTAPA = 24
	nalFUA   = 28
)

// VP8 reports whether b begins a VP8 keyframe: the first partition's start,
// behind the payload descriptor (RFC 7741 section 4.2), with the inverse
// keyframe bit of the frame header unset (section 4.3).
func VP8(b []byte) bool {
	if len(b) == 0 || b[0]&0x10 == 0 || b[0]&0x07 != 0 {
		return false
	}
	at := 1
	if b[0]&0x80 != 0 { // extensions: I, L, and one byte for T and K
		if len(b) < 2 {
			return false
		}
		x := b[1]
		at = 2
		if x&0x80 != 0 {
			if len(b) > at && b[at]&0x80 != 0 {
				at++
			}
			at++
		}
		if x&0x40 != 0 {
			at++
		}
		if x&0x30 != 0 {
			at++
		}
	}
	return len(b) > at && b[at]&1 == 0
}

// H264 reports whether b holds the start of an IDR picture or a sequence
// parameter set, which encoders send just before.
func H264(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	switch t := b[0] & 0x1f; t {
	case nalSTAPA:
		for b = b[1:]; len(b) > 2; {
			size := int(b[0])<<8 | int(b[1])
			if starts(b[2]) {
				return true
			}
			if len(b) < 2+size {
				return false
			}
			b = b[2+size:]
		}
		return false
	case nalFUA:
		return len(b) > 1 && b[1]&0x80 != 0 && starts(b[1])
	default:
		return starts(b[0])
	}
}

func starts(nal byte) bool { return nal&0x1f == nalIDR || nal&0x1f == nalSPS }
