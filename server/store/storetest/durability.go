package storetest

import (
	"context"
	"encoding/base64"
	"errors"
	"sync"
	"time"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/staff"
	"lyceum/server/store"
)

func durableCases() []testCase {
	return []testCase{
		{"what was answered is there after opening again", reopened},
		{"closing answers every write that waits, and later ones are refused", closing},
		{"a request that gave up writes nothing it was not told of", givesUp},
		{"a change that fails leaves the others of its transaction alone", failsAlone},
		{"a text that no row can hold is found nowhere and harms nobody", unstorable},
		{"a healthy store says so", healthy},
	}
}

func reopened(f *fixture) {
	e := f.event(2)
	r := f.register(e, address(1))
	f.must(f.s.BanPerson(f.ctx, e.ID, f.keys.Person(address(2)), now, e.EndsAt))
	f.must(f.s.AppendRoom(f.ctx, e.ID, 1, now, "joined", "p", nil))
	p := f.staff("desk@library.example")
	f.must(f.s.AddSignInCode(f.ctx, p.ID, hashed("code"), now.Add(time.Minute)))
	f.reopen()
	if got, err := f.s.Registration(f.ctx, r.ID); err != nil || got != r {
		f.Errorf("registration %+v, %v", got, err)
	}
	if f.reread(e).Taken != 1 || len(f.entries(e.ID, 0)) != 1 || len(f.claim("a", now)) != 1 {
		f.Error("the event, its journal or its outbox lost something")
	}
	if got := f.register(e, address(2)); got.Status != registration.Refused {
		f.Errorf("the ban is gone: %+v", got)
	}
	_, err := f.s.RedeemSignInCode(f.ctx, hashed("code"), hashed("session"), now, now.Add(time.Hour))
	f.must(err)
}

func closing(f *fixture) {
	e := f.event(1000)
	var mu sync.Mutex
	var answered []string
	var wg, started sync.WaitGroup
	started.Add(100)
	for i := range 100 {
		in := f.input(e, address(i))
		wg.Go(func() {
			started.Done()
			r, err := f.s.Register(f.ctx, in)
			if err != nil && !errors.Is(err, store.ErrClosed) {
				f.Errorf("register while closing: %v", err)
			}
			if err == nil {
				mu.Lock()
				answered = append(answered, r.ID)
				mu.Unlock()
			}
		})
	}
	started.Wait()
	f.must(f.s.Close())
	wg.Wait()
	if _, err := f.s.Register(f.ctx, f.input(e, address(1))); !errors.Is(err, store.ErrClosed) {
		f.Errorf("after closing: %v", err)
	}
	f.s = f.open(f.T, f.place)
	for _, id := range answered {
		_, err := f.s.Registration(f.ctx, id)
		f.must(err)
	}
	if got := f.reread(e).Taken; got != len(answered) {
		f.Errorf("%d taken, %d answered", got, len(answered))
	}
}

func givesUp(f *fixture) {
	e := f.event(1)
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	if _, err := f.s.Register(ctx, f.input(e, address(1))); !errors.Is(err, context.Canceled) {
		f.Errorf("register: %v", err)
	}
	if got := f.reread(e).Taken; got != 0 {
		f.Errorf("%d taken", got)
	}
}

func failsAlone(f *fixture) {
	e := f.event(100)
	var wg sync.WaitGroup
	for i := range 100 {
		in := f.input(e, address(i))
		wg.Go(func() {
			if i%2 == 1 {
				in.Now = e.EndsAt // refused by the rule, after the event's row was touched
			}
			_, err := f.s.Register(f.ctx, in)
			if refused := errors.Is(err, registration.ErrClosed); refused != (i%2 == 1) {
				f.Errorf("reader %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if got := f.reread(e); got.Taken != 50 || got.Version != e.Version+50 {
		f.Errorf("%d taken, version %d", got.Taken, got.Version)
	}
}

// unstorable matters where readers choose the text: an address, a slug, a cursor.
func unstorable(f *fixture) {
	for _, text := range []string{"a\x00b", "\xff\xfe"} {
		if _, err := f.s.Event(f.ctx, text); !errors.Is(err, event.ErrNotFound) {
			f.Errorf("event %q: %v", text, err)
		}
		if _, err := f.s.Registration(f.ctx, text); !errors.Is(err, registration.ErrNotFound) {
			f.Errorf("registration %q: %v", text, err)
		}
		if _, err := f.s.StaffByEmail(f.ctx, text); !errors.Is(err, staff.ErrNotFound) {
			f.Errorf("staff %q: %v", text, err)
		}
		f.must(f.s.RequestSignIn(f.ctx, text, now))
		after := base64.RawURLEncoding.EncodeToString([]byte(now.Format(time.RFC3339Nano) + " " + text))
		if _, _, err := f.s.Upcoming(f.ctx, now, after, 1); !errors.As(err, new(event.Problems)) {
			f.Errorf("cursor with %q: %v", text, err)
		}
	}
	f.register(f.event(1), address(1))
}

func healthy(f *fixture) {
	f.must(f.s.Healthy(f.ctx))
	f.must(f.s.Close())
	if err := f.s.Healthy(f.ctx); err == nil {
		f.Error("a closed store is healthy")
	}
	f.s = f.open(f.T, f.place)
}
