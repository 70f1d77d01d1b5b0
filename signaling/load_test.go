package signaling_test

import (
	"fmt"
	"testing"
	"time"

	"lyceum/rooms"
	"lyceum/signaling/client/load"
)

// A fleet joins, sees every packet once and unharmed, and leaves nothing
// behind; a join without a token of its own fails and is counted.
func TestAFleetUnderLoad(t *testing.T) {
	for _, media := range []load.Media{load.Audio, load.Video, load.Bursty} {
		t.Run(string(media), func(t *testing.T) {
			ctx, r := within(t), newRig(t)
			to := load.Target{Publish: r.url("/whip/" + room), Play: r.url("/whep/" + room), PublishToken: r.mint("speaker", rooms.RoleSpeaker)}
			const count = 5
			for i := range count {
				to.PlayTokens = append(to.PlayTokens, r.mint(fmt.Sprint("listener-", i), rooms.RoleAttendee))
			}
			fleet, err := load.Publish(ctx, to, media)
			must(t, err)
			t.Cleanup(func() { fleet.Close(t.Context()) })
			joins := fleet.Join(ctx, count, 2)
			if joins.Joined != count || joins.Failed != 0 || joins.P50 <= 0 {
				t.Fatalf("joins: %+v", joins)
			}
			seen, err := fleet.Observe(ctx, time.Second, nil)
			must(t, err)
			if seen.Packets < 40*count || seen.Wrong != 0 || seen.Doubles != 0 || seen.Receivers != count {
				t.Fatalf("seen: %+v", seen)
			}
			if late := fleet.Join(ctx, 1, 1); late.Failed != 1 || late.Err == nil {
				t.Fatalf("a join without a token: %+v", late)
			}
		})
	}
}

func TestAFleetNeedsSomethingToSend(t *testing.T) {
	if _, err := load.Publish(t.Context(), load.Target{Publish: "http://127.0.0.1:1/"}, "smell"); err == nil {
		t.Fatal("unknown media was accepted")
	}
}
