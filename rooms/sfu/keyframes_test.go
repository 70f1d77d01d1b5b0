package sfu

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The first wish is passed on at once; those that follow within half a second
// become one more, when the half second is over.
func TestKeyframesCoalesce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		k := keyframes{ask: func() { asked.Add(1) }}
		expect := func(want int64, when string) {
			t.Helper()
			synctest.Wait()
			if n := asked.Load(); n != want {
				t.Fatalf("%s: %d requests, want %d", when, n, want)
			}
		}
		k.want()
		expect(1, "at once")
		for range 100 {
			time.Sleep(4 * time.Millisecond)
			k.want()
		}
		expect(1, "after 400 ms of wishes")
		time.Sleep(keyframeEvery)
		expect(2, "when the time is over")
		time.Sleep(time.Minute)
		expect(2, "after a minute without wishes")
		k.want()
		expect(3, "at once again")
		k.want()
		k.stop()
		time.Sleep(time.Minute)
		expect(3, "after the end")
	})
}
