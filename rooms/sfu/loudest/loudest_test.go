package loudest_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"lyceum/rooms/sfu/loudest"
)

const packet = int64(20 * time.Millisecond)

// room drives a choice: every microphone sends a packet each 20 ms.
type room struct {
	choice *loudest.Choice[string]
	levels map[string]uint8
	now    int64
}

func newRoom(places int, levels map[string]uint8) *room {
	return &room{choice: loudest.New[string](places), levels: levels}
}

// run lets time pass and returns who was heard in the last packet, and how
// often somebody came in or fell out.
func (r *room) run(d time.Duration) (heard map[string]bool, changes int) {
	for end := r.now + int64(d); r.now < end; r.now += packet {
		next := map[string]bool{}
		for who, level := range r.levels {
			if r.choice.Hear(who, level, r.now) {
				next[who] = true
			}
		}
		for who := range r.levels {
			if heard != nil && heard[who] != next[who] {
				changes++
			}
		}
		heard = next
	}
	return heard, changes
}

func TestTheLoudestAreHeard(t *testing.T) {
	for _, c := range []struct {
		name   string
		places int
		levels map[string]uint8
		want   []string
	}{
		{"fewer microphones than places are all heard, quiet ones too", 4, map[string]uint8{"ada": 20, "ben": 127}, []string{"ada", "ben"}},
		{"the loud ones come before the quiet ones", 2, map[string]uint8{"ada": 20, "ben": 90, "cem": 25, "dia": 100}, []string{"ada", "cem"}},
		{"the bit that says voice is not part of the level", 1, map[string]uint8{"ada": 0x80 | 20, "ben": 80}, []string{"ada"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRoom(c.places, c.levels)
			heard, _ := r.run(3 * time.Second)
			for _, who := range c.want {
				if !heard[who] {
					t.Errorf("%s is not heard", who)
				}
			}
			if len(heard) != len(c.want) {
				t.Errorf("heard: %v, want %v", heard, c.want)
			}
		})
	}
}

func TestAVoiceIsHeardWithinFivePackets(t *testing.T) {
	r := newRoom(1, map[string]uint8{"ada": 70, "ben": 127})
	r.run(2 * time.Second)
	r.levels["ben"], r.levels["ada"] = 20, 110
	if heard, _ := r.run(100 * time.Millisecond); !heard["ben"] {
		t.Fatal("ben speaks and is not heard")
	}
}

func TestOneWhoPausesKeepsThePlace(t *testing.T) {
	r := newRoom(1, map[string]uint8{"ada": 25, "ben": 60})
	r.run(2 * time.Second)
	r.levels["ada"] = 127
	if heard, _ := r.run(200 * time.Millisecond); !heard["ada"] {
		t.Fatal("ada lost the place between two words")
	}
}

func TestNearlyEqualVoicesDoNotFlap(t *testing.T) {
	r := newRoom(1, map[string]uint8{"ada": 30, "ben": 30})
	r.run(time.Second)
	changes := 0
	for i := range 100 {
		r.levels["ada"], r.levels["ben"] = uint8(28+i%5), uint8(28+(i+2)%5)
		_, n := r.run(100 * time.Millisecond)
		changes += n
	}
	if changes > 0 {
		t.Fatalf("the place changed hands %d times", changes/2)
	}
}

func TestWhoSendsNothingFreesThePlace(t *testing.T) {
	r := newRoom(1, map[string]uint8{"ada": 10, "ben": 60})
	r.run(2 * time.Second)
	delete(r.levels, "ada")
	if heard, _ := r.run(2 * time.Second); !heard["ben"] {
		t.Fatal("ben waits for a microphone that sends nothing")
	}
	r.choice.Forget("ada")
}

// However people speak, never more are heard than there are places.
func TestNeverMoreThanThePlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const places = 4
		choice, now := loudest.New[int](places), int64(0)
		for range rapid.IntRange(1, 400).Draw(t, "packets") {
			now += packet / 10
			who := rapid.IntRange(0, 12).Draw(t, "who")
			choice.Hear(who, uint8(rapid.IntRange(0, 127).Draw(t, "level")), now)
		}
		// At one moment nobody who came in falls out again, so that after as
		// many rounds as there are people nothing changes any more.
		n := 0
		for range 14 {
			n = 0
			for who := range 13 {
				if choice.Hear(who, 127, now) {
					n++
				}
			}
		}
		if n > places {
			t.Fatalf("%d are heard", n)
		}
	})
}
