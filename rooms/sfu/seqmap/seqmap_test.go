package seqmap_test

import (
	"testing"

	"pgregory.net/rapid"

	"lyceum/rooms/sfu/seqmap"
)

const (
	restart = -1
	dropped = -100000 // minus the number to drop
)

// Steps are incoming numbers, restarts and drops; want holds the outgoing
// number of each incoming one, zero for refused.
func TestMap(t *testing.T) {
	cases := []struct {
		name  string
		steps []int
		want  []uint64
	}{
		{"numbers in order stay in order", []int{100, 101, 102}, []uint64{1, 2, 3}},
		{"a lost packet leaves its gap", []int{100, 102}, []uint64{1, 3}},
		{"a late packet fills its gap", []int{100, 102, 101}, []uint64{1, 3, 2}},
		{"numbers go on over the wrap", []int{65535, 0, 1}, []uint64{1, 2, 3}},
		{"a dropped packet leaves no gap", []int{100, dropped - 101, 102}, []uint64{1, 2}},
		{"packets dropped in a row leave no gap", []int{100, dropped - 101, dropped - 102, 103}, []uint64{1, 2}},
		{"a late packet from before a drop keeps its own number", []int{100, 102, dropped - 103, 104, 101}, []uint64{1, 3, 4, 2}},
		{"a dropped packet that comes again is refused", []int{100, dropped - 101, 102, 101}, []uint64{1, 2, 0}},
		{"after a restart the numbers go on", []int{100, 101, restart, 30000, 30001}, []uint64{1, 2, 3, 4}},
		{"what came before a restart is refused", []int{100, 102, restart, 103, 101}, []uint64{1, 3, 4, 0}},
		{"a sender that begins again far behind is followed", []int{30000, 30001, 3}, []uint64{1, 2, 3}},
		{"a sender that begins again far ahead leaves no gap", []int{50000, 50001, 3}, []uint64{1, 2, 3}},
		{"a drop before anything changes nothing", []int{dropped - 5, 6}, []uint64{1}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var m seqmap.Map
			var got []uint64
			for _, s := range c.steps {
				switch {
				case s == restart:
					m.Restart()
				case s <= dropped:
					m.Drop(uint16(dropped - s))
				default:
					out, ok := m.Next(uint16(s))
					if !ok {
						out = 0
					}
					got = append(got, out)
				}
			}
			for i := range c.want {
				if got[i] != c.want[i] {
					t.Fatalf("got %v, want %v", got, c.want)
				}
			}
		})
	}
}

// origin is one packet of one of the streams a publisher sent in turn.
type origin struct {
	stream int
	in     uint16
}

// Whatever a sender does, an outgoing number belongs to one incoming packet of
// one stream: the same number twice means the same packet twice.
func TestMapNeverUsesANumberTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m seqmap.Map
		owner := map[uint64]origin{}
		next := func(o origin) {
			out, ok := m.Next(o.in)
			if !ok {
				return
			}
			if had, taken := owner[out]; taken && had != o {
				t.Fatalf("number %d given to %v and %v", out, had, o)
			}
			owner[out] = o
		}
		in, stream := uint16(rapid.Uint32().Draw(t, "start")), 0
		for range rapid.IntRange(1, 400).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				m.Restart()
				stream++
				in = uint16(rapid.Uint32().Draw(t, "again"))
			case 1, 2:
				in++
				m.Drop(in)
			case 3:
				next(origin{stream, in - uint16(rapid.IntRange(0, 40).Draw(t, "late"))})
			default:
				in += uint16(rapid.IntRange(1, 3).Draw(t, "gap"))
				next(origin{stream, in})
			}
		}
	})
}

// A subscriber sees one unbroken line, whatever it is attached to.
func TestLine(t *testing.T) {
	l := seqmap.NewLine(9)
	mustSeq := func(in uint64, want uint16) {
		t.Helper()
		if got, ok := l.Seq(in); !ok || got != want {
			t.Fatalf("number %d became %d, %v; want %d", in, got, ok, want)
		}
	}
	l.Begin(1000)
	mustSeq(1000, 10)
	mustSeq(1002, 12)
	mustSeq(1001, 11)
	if _, ok := l.Seq(999); ok {
		t.Fatal("a packet from before the subscriber came was given to it")
	}
	if in, ok := l.Back(11); !ok || in != 1001 {
		t.Fatalf("11 goes back to %d, %v", in, ok)
	}
	if _, ok := l.Back(13); ok {
		t.Fatal("a number never sent was found")
	}
	if _, ok := l.Back(9); ok {
		t.Fatal("a number from before the first was found")
	}
	l.Begin(7)
	mustSeq(7, 13)
	if _, ok := l.Back(12); ok {
		t.Fatal("a number of the former publication was found")
	}
}

func TestLineGoesOnOverTheWrap(t *testing.T) {
	l := seqmap.NewLine(1)
	l.Begin(1)
	for in := uint64(1); in < 70000; in++ {
		out, ok := l.Seq(in)
		if !ok || out != uint16(in+1) {
			t.Fatalf("number %d became %d, %v", in, out, ok)
		}
	}
	if in, ok := l.Back(uint16(65000 % 65536)); !ok || in != 64999 {
		t.Fatalf("65000 goes back to %d, %v", in, ok)
	}
}

// Timestamps go on by the time that passed when their source changes.
func TestTimeline(t *testing.T) {
	const second = 1_000_000_000
	tl := seqmap.NewTimeline(90000, 500)
	tl.Begin(4000, 0)
	if got := tl.Map(4000); got != 500 {
		t.Fatalf("the first timestamp is %d, want 500", got)
	}
	tl.Note(tl.Map(7000), second)
	tl.Begin(1<<31, 3*second)
	if got, want := tl.Map(1<<31), uint32(3500+2*90000+1); got != want {
		t.Fatalf("after two seconds it is %d, want %d", got, want)
	}
}
