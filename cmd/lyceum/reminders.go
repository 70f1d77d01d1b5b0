package main

import (
	"context"
	"errors"
	"time"

	"lyceum/server/bus"
	"lyceum/server/jobs"
)

// openReminders keeps the bus's schedules equal to SQL and turns due ones into mails.
func (s *site) openReminders(context.Context, bool) error {
	s.alarms = jobs.NewReminders(s.store, s.bus, s.relay.Poke, s.now, s.log)
	stop, err := s.bus.Consume(context.Background(), "reminders", bus.DueReminders, func(ctx context.Context, m bus.Message) error {
		err := s.alarms.Due(ctx, m.Data)
		var early *jobs.EarlyError
		switch {
		case errors.Is(err, jobs.ErrAlarm):
			return bus.Drop(err)
		case errors.As(err, &early):
			return bus.Retry(min(early.Wait, time.Minute), err)
		}
		return err
	})
	if err != nil {
		return err
	}
	s.onClose(stop)
	s.keepRunning(s.alarms.Run)
	return nil
}

// poke tells every job that a commit has work for it.
func (s *site) poke() {
	s.relay.Poke()
	s.alarms.Poke()
}
