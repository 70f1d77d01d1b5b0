package main

import (
	"context"
	"fmt"
	"slices"
	"syscall"
	"time"

	"lyceum/signaling/wire"
)

// afterMute is how long packets may still arrive after a mute was acknowledged.
const afterMute = 100 * time.Millisecond

// story is one run: the crowd, what befalls the house, and what is seen.
type story struct {
	*crowd
	o      Options
	report Report
	muted  *member // stays muted to the end
	banned *member // is out to the end
	hand   *member // keeps the hand up to the end
}

// Run plays the whole story and answers what was seen.
func Run(ctx context.Context, o Options, dir string) (Report, error) {
	h, err := openHouse(ctx, o.Binary, dir)
	if err != nil {
		return Report{}, err
	}
	defer h.close()
	c, err := h.crowd(ctx, o.People)
	if err != nil {
		return Report{}, err
	}
	s := &story{crowd: c, o: o, report: Report{Date: time.Now().UTC().Format(time.DateOnly), People: o.People, MediaGap: map[string]int64{}, Wrong: []string{}}}
	for _, part := range []func(context.Context) error{s.begin, s.redisRestarted, s.redisStopped, s.redisSlow, s.processKilled, s.end} {
		if err := part(ctx); err != nil {
			return s.report, err
		}
	}
	return s.report, nil
}

func (s *story) begin(ctx context.Context) error {
	for _, m := range []*member{s.host(), s.speaker()} {
		if err := m.publish(ctx, "mic"); err != nil {
			return err
		}
		if err := s.hear(ctx, m); err != nil {
			return err
		}
	}
	s.hand, s.banned = s.listeners()[0], s.listeners()[len(s.listeners())-1]
	if err := s.hand.conn.Do(ctx, "hand.raise", wire.Args{}); err != nil {
		return err
	}
	return s.chat(ctx, s.o.Messages/5)
}

// during measures the longest gap in the host's sound while a fault lasts.
func (s *story) during(ctx context.Context, fault string, does func() error) error {
	if err := s.forgetGaps(ctx, s.host()); err != nil {
		return err
	}
	if err := does(); err != nil {
		return fmt.Errorf("chaos: %s: %w", fault, err)
	}
	if err := s.hear(ctx, s.host()); err != nil {
		return err
	}
	s.report.MediaGap[fault] = s.gap(s.host()).Milliseconds()
	return nil
}

// redisRestarted kills Redis and starts it again with nothing in it.
func (s *story) redisRestarted(ctx context.Context) error {
	return s.during(ctx, "redis restarted empty", func() error {
		if err := s.house.redis.Process.Kill(); err != nil {
			return err
		}
		_ = s.house.redis.Wait()
		if err := s.chat(ctx, s.o.Messages/10); err != nil {
			return err
		}
		if err := s.house.startRedis(ctx); err != nil {
			return err
		}
		return s.chat(ctx, s.o.Messages/10)
	})
}

// redisStopped freezes Redis; meanwhile the host mutes one and removes another.
func (s *story) redisStopped(ctx context.Context) error {
	return s.during(ctx, "redis stopped", func() error {
		if err := s.house.redis.Process.Signal(syscall.SIGSTOP); err != nil {
			return err
		}
		thaw := time.NewTimer(s.o.Stall) // the fault itself: how long Redis does not answer
		if err := s.moderate(ctx); err != nil {
			return err
		}
		if err := s.chat(ctx, s.o.Messages/5); err != nil {
			return err
		}
		<-thaw.C
		return s.house.redis.Process.Signal(syscall.SIGCONT)
	})
}

func (s *story) moderate(ctx context.Context) error {
	s.muted = s.speaker()
	began := time.Now()
	if err := s.host().conn.Do(ctx, "mute", wire.Args{Participant: s.muted.id, Source: "mic"}); err != nil {
		return err
	}
	done := time.Now()
	s.report.MuteDone = done.Sub(began).Milliseconds()
	began = time.Now()
	if err := s.host().conn.Do(ctx, "remove", wire.Args{Participant: s.banned.id}); err != nil {
		return err
	}
	s.report.RemoveDone = time.Since(began).Milliseconds()
	s.banned.look()
	s.members = slices.DeleteFunc(s.members, func(m *member) bool { return m == s.banned })
	time.Sleep(time.Until(done.Add(afterMute)))
	before := s.heardOf(s.muted)
	if err := s.hear(ctx, s.host()); err != nil { // time in which packets would have come
		return err
	}
	s.report.PacketsAfterMute = s.heardOf(s.muted) - before
	return nil
}

// heardOf counts a member's packets at all listeners.
func (s *story) heardOf(m *member) (packets uint64) {
	for _, l := range s.listeners() {
		packets += l.conn.Count(flow(m)).Packets
	}
	return packets
}

// redisSlow stops Redis for half a second, again and again.
func (s *story) redisSlow(ctx context.Context) error {
	return s.during(ctx, "redis slow", func() error {
		for range 4 {
			if err := s.house.redis.Process.Signal(syscall.SIGSTOP); err != nil {
				return err
			}
			thaw := time.NewTimer(500 * time.Millisecond)
			if err := s.chat(ctx, s.o.Messages/40); err != nil {
				return err
			}
			<-thaw.C
			if err := s.house.redis.Process.Signal(syscall.SIGCONT); err != nil {
				return err
			}
		}
		return nil
	})
}

// processKilled ends the site with SIGKILL and starts it again on the same
// folder and port; everybody comes back with what they had.
func (s *story) processKilled(ctx context.Context) error {
	if err := s.house.site.Process.Kill(); err != nil {
		return err
	}
	_ = s.house.site.Wait()
	if err := s.house.startSite(ctx); err != nil {
		return err
	}
	began := time.Now()
	if err := s.connect(ctx); err != nil {
		return err
	}
	if err := s.host().publish(ctx, "mic"); err != nil {
		return err
	}
	if err := s.hear(ctx, s.host()); err != nil {
		return err
	}
	s.report.BackAfterKill = time.Since(began).Milliseconds()
	return s.chat(ctx, s.o.Messages-len(s.sent))
}

// end looks at what must have held through all of it.
func (s *story) end(ctx context.Context) (err error) {
	s.report.Messages = len(s.sent)
	if s.report.Lost, s.report.Doubled, err = s.audit(ctx); err != nil {
		return err
	}
	room := s.host().conn.Welcome.Room
	wrong := func(is bool, what string) {
		if is {
			s.report.Wrong = append(s.report.Wrong, what)
		}
	}
	wrong(!slices.Equal(room.Hands, []string{s.hand.id}), "the raised hand is lost")
	people := map[string]wire.Participant{}
	for _, p := range room.Participants {
		people[p.ID] = p
	}
	wrong(people[s.host().id].Role != "host" || people[s.host().id].Place != "stage", "the host is not host on stage")
	wrong(!people[s.muted.id].Sources["mic"].Muted, "the mute is lost")
	wrong(s.muted.conn.Do(ctx, "publish", wire.Args{Source: "mic"}) == nil, "the muted member may publish")
	_, there := people[s.banned.id]
	wrong(there, "the removed member is in the roster")
	short, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	wrong(s.banned.dial(short, "ws://"+s.house.listen+"/live") == nil, "the removed member came back")
	return nil
}
