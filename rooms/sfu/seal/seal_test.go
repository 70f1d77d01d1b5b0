package seal_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"pgregory.net/rapid"

	"lyceum/rooms/sfu/seal"
)

// What is sealed here is, bit for bit, what pion's SRTP makes of the same
// packet, over any keys, streams, sizes and rollovers.
func TestSealedAsPionDoes(t *testing.T) {
	for _, c := range []struct {
		name    string
		profile srtp.ProtectionProfile
		size    int
	}{
		{"128 bit", srtp.ProtectionProfileAeadAes128Gcm, 16},
		{"256 bit", srtp.ProtectionProfileAeadAes256Gcm, 32},
	} {
		t.Run(c.name, rapid.MakeCheck(func(t *rapid.T) {
			master := rapid.SliceOfN(rapid.Byte(), c.size, c.size).Draw(t, "key")
			salt := rapid.SliceOfN(rapid.Byte(), seal.SaltSize, seal.SaltSize).Draw(t, "salt")
			ssrc := rapid.Uint32().Draw(t, "ssrc")
			key, err := seal.NewKey(master, salt)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := srtp.CreateContext(master, salt, c.profile)
			if err != nil {
				t.Fatal(err)
			}
			rollover := rapid.Uint32Max(1<<31).Draw(t, "rollover")
			theirs.SetROC(ssrc, rollover)
			ours := key.Stream(ssrc)
			first := rapid.Uint16Max(1<<15-1).Draw(t, "first")
			for i := range 3 {
				h := rtp.Header{Version: 2, PayloadType: 96, SSRC: ssrc, SequenceNumber: first + uint16(i), Timestamp: rapid.Uint32().Draw(t, "time")}
				payload := rapid.SliceOfN(rapid.Byte(), 1, 1400).Draw(t, "payload")
				plain, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
				if err != nil {
					t.Fatal(err)
				}
				want, err := theirs.EncryptRTP(nil, plain, nil)
				if err != nil {
					t.Fatal(err)
				}
				got := make([]byte, 1536)
				copy(got, plain[:12])
				got = got[:ours.Seal(got, 12, payload, uint64(rollover)<<16|uint64(h.SequenceNumber))]
				if !bytes.Equal(got, want) {
					t.Fatalf("packet %d: got %x, want %x", i, got, want)
				}
			}
		}))
	}
}

func TestKeyMaterialOfTheWrongSize(t *testing.T) {
	for _, c := range []struct{ key, salt int }{{0, 12}, {24, 12}, {16, 14}, {32, 0}} {
		if _, err := seal.NewKey(make([]byte, c.key), make([]byte, c.salt)); !errors.Is(err, seal.ErrKey) {
			t.Errorf("key of %d, salt of %d bytes: %v", c.key, c.salt, err)
		}
	}
}

func TestSealingAllocatesNothing(t *testing.T) {
	key, err := seal.NewKey(make([]byte, 16), make([]byte, 12))
	if err != nil {
		t.Fatal(err)
	}
	s, slot, payload, n := key.Stream(7), make([]byte, 1536), make([]byte, 1100), uint64(0)
	if a := testing.AllocsPerRun(100, func() { n++; s.Seal(slot, 12, payload, n) }); a != 0 {
		t.Fatalf("%v allocations a packet", a)
	}
}

func BenchmarkSeal(b *testing.B) {
	key, err := seal.NewKey(make([]byte, 16), make([]byte, 12))
	if err != nil {
		b.Fatal(err)
	}
	s, slot, payload, n := key.Stream(7), make([]byte, 1536), make([]byte, 1100), uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		n++
		s.Seal(slot, 12, payload, n)
	}
}
