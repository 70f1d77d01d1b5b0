package keyframe_test

import (
	"testing"

	"lyceum/rooms/sfu/keyframe"
)

func TestVP8(t *testing.T) {
	for _, c := range []struct {
		name string
		b    []byte
		want bool
	}{
		{"a keyframe without extensions", []byte{0x10, 0x00}, true},
		{"an interframe", []byte{0x10, 0x01}, false},
		{"a keyframe's second packet", []byte{0x00, 0x00}, false},
		{"another partition", []byte{0x11, 0x00}, false},
		{"a short picture id", []byte{0x90, 0x80, 0x05, 0x00}, true},
		{"a long picture id", []byte{0x90, 0x80, 0x85, 0x01, 0x00}, true},
		{"an interframe behind a long picture id", []byte{0x90, 0x80, 0x85, 0x00, 0x01}, false},
		{"every extension", []byte{0x90, 0xf0, 0x85, 0x01, 0x07, 0x20, 0x00}, true},
		{"cut off in the descriptor", []byte{0x90, 0x80, 0x85}, false},
		{"nothing", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := keyframe.VP8(c.b); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestH264(t *testing.T) {
	for _, c := range []struct {
		name string
		b    []byte
		want bool
	}{
		{"an IDR picture", []byte{0x65, 0}, true},
		{"parameters", []byte{0x67, 0}, true},
		{"a slice", []byte{0x41, 0}, false},
		{"an aggregate with parameters in it", []byte{0x78, 0, 2, 0x09, 0x10, 0, 1, 0x67}, true},
		{"an aggregate of slices", []byte{0x78, 0, 1, 0x41, 0, 1, 0x41}, false},
		{"an aggregate that lies about its sizes", []byte{0x78, 0xff, 0xff, 0x41}, false},
		{"the first fragment of an IDR picture", []byte{0x7c, 0x85}, true},
		{"a later fragment", []byte{0x7c, 0x05}, false},
		{"nothing", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := keyframe.H264(c.b); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func FuzzKeyframe(f *testing.F) {
	f.Add([]byte{0x90, 0xf0, 0x85, 0x01, 0x07, 0x20, 0x00})
	f.Add([]byte{0x78, 0, 2, 0x09, 0x10, 0, 1, 0x67})
	f.Fuzz(func(_ *testing.T, b []byte) {
		keyframe.VP8(b)
		keyframe.H264(b)
	})
}
