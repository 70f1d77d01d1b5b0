package packet_test

import (
	"bytes"
	"testing"

	"github.com/pion/rtp"

	"lyceum/rooms/sfu/packet"
)

const levelID = 3

func mustMarshal(t testing.TB, p rtp.Packet) []byte {
	t.Helper()
	b, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func withExtension(t testing.TB, profile uint16, id uint8, payload []byte) rtp.Packet {
	t.Helper()
	p := rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: 7}, Payload: []byte("x")}
	p.Extension, p.ExtensionProfile = true, profile
	if err := p.SetExtension(id, payload); err != nil {
		t.Fatal(err)
	}
	return p
}

// What Parse reads is what the library that wrote the packet put in.
func TestParse(t *testing.T) {
	plain := rtp.Packet{
		Header:  rtp.Header{Version: 2, Marker: true, PayloadType: 111, SequenceNumber: 65535, Timestamp: 1 << 31, SSRC: 42},
		Payload: []byte("payload"),
	}
	sources := plain
	sources.CSRC = []uint32{1, 2, 3}
	padded := plain
	padded.Padding, padded.PaddingSize = true, 9
	cases := []struct {
		name     string
		in       []byte
		payload  string
		hasLevel bool
		level    uint8
	}{
		{"a plain packet keeps its payload", mustMarshal(t, plain), "payload", false, 0},
		{"contributing sources are skipped", mustMarshal(t, sources), "payload", false, 0},
		{"padding is no payload", mustMarshal(t, padded), "payload", false, 0},
		{"a one byte header extension carries the level", mustMarshal(t, withExtension(t, 0xBEDE, levelID, []byte{0x91})), "x", true, 0x91},
		{"a two byte header extension carries the level", mustMarshal(t, withExtension(t, 0x1000, levelID, []byte{0x05})), "x", true, 0x05},
		{"another extension is not the level", mustMarshal(t, withExtension(t, 0xBEDE, 4, []byte{0x91})), "x", false, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v, err := packet.Parse(c.in, levelID)
			if err != nil {
				t.Fatal(err)
			}
			if string(v.Payload) != c.payload || v.HasLevel != c.hasLevel || v.Level != c.level {
				t.Fatalf("got payload %q, level %v %#x", v.Payload, v.HasLevel, v.Level)
			}
		})
	}
}

func TestParseRefusesWhatIsNotRTP(t *testing.T) {
	whole := mustMarshal(t, withExtension(t, 0xBEDE, levelID, []byte{1}))
	cases := map[string][]byte{
		"nothing":                           nil,
		"a header cut short":                whole[:11],
		"an extension cut short":            whole[:14],
		"version one":                       append([]byte{0x40}, whole[1:]...),
		"more sources than bytes":           {0x8f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"padding longer than the packet":    {0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200},
		"padding of no bytes":               {0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0},
		"extension length beyond the bytes": {0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xBE, 0xDE, 0xff, 0xff},
	}
	for name, in := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := packet.Parse(in, levelID); err == nil {
				t.Fatal("accepted")
			}
		})
	}
}

// Where both parsers accept a packet they agree on it.
func FuzzParse(f *testing.F) {
	f.Add(mustMarshal(f, rtp.Packet{Header: rtp.Header{Version: 2, SSRC: 1, SequenceNumber: 2}, Payload: []byte("abc")}))
	f.Add(mustMarshal(f, withExtension(f, 0xBEDE, levelID, []byte{0x91})))
	f.Add(mustMarshal(f, withExtension(f, 0x1000, levelID, []byte{0x91, 2})))
	f.Add([]byte{0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := packet.Parse(b, levelID)
		if err != nil {
			return
		}
		var p rtp.Packet
		if p.Unmarshal(b) != nil {
			return
		}
		if v.Seq != p.SequenceNumber || v.Timestamp != p.Timestamp || v.SSRC != p.SSRC || v.Marker != p.Marker || v.PayloadType != p.PayloadType {
			t.Fatalf("headers differ: %+v and %+v", v, p.Header)
		}
		if !p.Padding && !bytes.Equal(v.Payload, p.Payload) {
			t.Fatalf("payloads differ: %x and %x", v.Payload, p.Payload)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	in := mustMarshal(b, withExtension(b, 0xBEDE, levelID, []byte{0x91}))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := packet.Parse(in, levelID); err != nil {
			b.Fatal(err)
		}
	}
}
