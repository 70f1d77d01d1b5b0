package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"lyceum/server/event"
	"lyceum/server/post"
)

func postCases() []testCase {
	return []testCase{
		{"a channel connected twice stays one, with the newer credentials", channelTwice},
		{"a channel that is gone has no credentials, and its plans fall", channelGone},
		{"an announcement is due at once, once", announcedOnce},
		{"an hour before is due when its event is, wherever it moved", hourBefore},
		{"one attempt runs at a time, and one that never ended may have arrived", attempts},
		{"many nodes queue each post once", queuedOnce},
		{"a text changes until it may be out", textChanges},
	}
}

func (f *fixture) channel(account string) post.Channel {
	f.Helper()
	c, err := f.s.AddChannel(f.ctx, post.Channel{
		ID: uuid.NewString(), Service: post.Mastodon, Server: "https://social.example", Account: account,
		TextLimit: 500, LinkLength: 23, CheckedAt: now, CreatedAt: now,
	}, "sealed "+account)
	f.must(err)
	return c
}

func (f *fixture) approved(e event.Event, c post.Channel, moment string) post.Post {
	f.Helper()
	p, err := f.s.ApprovePost(f.ctx, post.Post{
		ID: uuid.NewString(), EventID: e.ID, ChannelID: c.ID, Moment: moment, Text: "Come", ApprovedBy: "staff",
	}, now)
	f.must(err)
	return p
}

func channelTwice(f *fixture) {
	first, second := f.channel("library"), f.channel("library")
	other := f.channel("branch")
	f.reopen()
	list, err := f.s.Channels(f.ctx)
	f.must(err)
	if first.ID != second.ID || other.ID == first.ID || len(list) != 2 || list[0].TextLimit != 500 {
		f.Errorf("%+v", list)
	}
}

func channelGone(f *fixture) {
	c := f.channel("library")
	p := f.approved(f.event(10), c, post.HourBefore)
	f.must(f.s.RemoveChannel(f.ctx, c.ID, now))
	gone, sealed, err := f.s.Channel(f.ctx, c.ID)
	f.must(err)
	p, err = f.s.Post(f.ctx, p.ID)
	f.must(err)
	if sealed != "" || gone.RemovedAt.IsZero() || p.State != post.Failed || p.Fault != post.FaultDisconnected || !p.NextAt.IsZero() {
		f.Errorf("%+v %q %+v", gone, sealed, p)
	}
	if err := f.s.RemoveChannel(f.ctx, c.ID, now); !errors.Is(err, post.ErrNotFound) {
		f.Errorf("removed twice: %v", err)
	}
	if again := f.channel("library"); again.ID == c.ID {
		f.Error("the old channel came back")
	}
}

// queue puts what is due at that time into the outbox and answers how many posts that were.
func (f *fixture) queue(at time.Time) int {
	f.Helper()
	n, err := f.s.QueueDuePosts(f.ctx, 100, at)
	f.must(err)
	return n
}

func announcedOnce(f *fixture) {
	p := f.approved(f.event(10), f.channel("library"), post.Announced)
	if kinds := f.kinds(); len(kinds) != 1 || kinds[0] != "post.send" {
		f.Fatalf("outbox %v", kinds)
	}
	if n := f.queue(now.Add(time.Minute)); n != 0 {
		f.Errorf("queued %d more", n)
	}
	if n := f.queue(now.Add(3 * time.Minute)); n != 1 {
		f.Errorf("a post whose message was lost was queued %d times", n)
	}
	_, err := f.s.BeginPost(f.ctx, p.ID, now.Add(3*time.Minute))
	f.must(err)
	f.must(f.s.FinishPost(f.ctx, p.ID, post.Outcome{State: post.Sent, Link: "https://social.example/1"}, now.Add(3*time.Minute)))
	if n := f.queue(now.Add(time.Hour)); n != 0 {
		f.Errorf("queued %d after it was sent", n)
	}
	list, err := f.s.Posts(f.ctx, 10)
	f.must(err)
	if len(list) != 1 || list[0].Post.State != post.Sent || list[0].Post.Link == "" || list[0].Channel.Account != "library" {
		f.Errorf("%+v", list)
	}
}

func hourBefore(f *fixture) {
	e := f.event(10)
	f.approved(e, f.channel("library"), post.HourBefore)
	moved, err := f.s.MoveEvent(f.ctx, e.ID, e.StartsAt.Add(24*time.Hour), e.EndsAt.Add(24*time.Hour), now)
	f.must(err)
	for _, row := range []struct {
		at   time.Time
		want int
	}{{e.StartsAt, 0}, {moved.StartsAt.Add(-time.Hour - time.Second), 0}, {moved.StartsAt.Add(-time.Hour), 1}, {moved.StartsAt.Add(-time.Hour), 0}} {
		if n := f.queue(row.at); n != row.want {
			f.Errorf("at %v: %d, want %d", row.at, n, row.want)
		}
	}
}

func attempts(f *fixture) {
	p := f.approved(f.event(10), f.channel("library"), post.Announced)
	_, err := f.s.BeginPost(f.ctx, p.ID, now)
	f.must(err)
	if _, err := f.s.BeginPost(f.ctx, p.ID, now.Add(30*time.Second)); !errors.Is(err, post.ErrBusy) {
		f.Errorf("a second attempt beside the first: %v", err)
	}
	again, err := f.s.BeginPost(f.ctx, p.ID, now.Add(2*time.Minute))
	f.must(err)
	first := now.Truncate(time.Microsecond)
	if again.Attempts != 2 || !again.MaybeAt.Equal(first) || !again.TriedAt.Equal(first) {
		f.Errorf("%+v", again)
	}
	f.must(f.s.FinishPost(f.ctx, p.ID, post.Outcome{State: post.Failed, Fault: post.FaultSignIn, MaybeAt: again.MaybeAt}, now.Add(2*time.Minute)))
	if _, err := f.s.BeginPost(f.ctx, p.ID, now.Add(time.Hour)); !errors.Is(err, post.ErrBusy) {
		f.Errorf("an attempt that nobody asked for: %v", err)
	}
	f.must(f.s.RetryPost(f.ctx, p.ID, now.Add(time.Hour)))
	if _, err := f.s.BeginPost(f.ctx, p.ID, now.Add(time.Hour)); err != nil {
		f.Errorf("an attempt that staff asked for: %v", err)
	}
}

func queuedOnce(f *fixture) {
	c := f.channel("library")
	for range 20 {
		f.approved(f.event(10), c, post.HourBefore)
	}
	due := now.Add(23*time.Hour + time.Minute)
	var queued atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			n, err := f.s.QueueDuePosts(f.ctx, 100, due)
			if err != nil {
				f.Error(err)
			}
			queued.Add(int32(n))
		})
	}
	wg.Wait()
	if queued.Load() != 20 {
		f.Errorf("queued %d times", queued.Load())
	}
}

func textChanges(f *fixture) {
	e, c := f.event(10), f.channel("library")
	p := f.approved(e, c, post.HourBefore)
	if again := f.approved(e, c, post.HourBefore); again.ID != p.ID {
		f.Error("a second post for one moment")
	}
	f.must(f.s.DropPost(f.ctx, p.ID))
	if err := f.s.DropPost(f.ctx, p.ID); !errors.Is(err, post.ErrNotFound) {
		f.Errorf("dropped twice: %v", err)
	}
	p = f.approved(e, c, post.Announced)
	_, err := f.s.BeginPost(f.ctx, p.ID, now)
	f.must(err)
	if _, err := f.s.ApprovePost(f.ctx, p, now); !errors.Is(err, post.ErrOut) {
		f.Errorf("changed while it goes out: %v", err)
	}
}
