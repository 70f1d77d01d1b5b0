package storetest

import (
	"github.com/google/go-cmp/cmp"

	"lyceum/server/store"
)

func figureCases() []testCase {
	return []testCase{{"figures count what is kept and name nobody", figuresCount}}
}

func figuresCount(f *fixture) {
	e := f.event(1)
	first := f.register(e, address(1))
	f.register(e, address(2))
	f.register(e, address(3))
	f.cancel(first)
	row := f.claim("a", now)[0]
	_, err := f.s.BeginDelivery(f.ctx, store.Delivery{ID: row.ID, Kind: row.Kind, Channel: "email", Recipient: address(1)}, now)
	f.must(err)
	f.must(f.s.OutboxRelayed(f.ctx, []string{row.ID}, now))
	got, err := f.s.Figures(f.ctx)
	f.must(err)
	want := map[string]int64{"confirmed": 1, "waitlisted": 1, "cancelled": 1}
	if diff := cmp.Diff(want, got.Registrations); diff != "" {
		f.Errorf("registrations (-want +got):\n%s", diff)
	}
	if n := got.Deliveries[[2]string{"email", store.Sending}]; n != 1 || got.Waiting == 0 {
		f.Errorf("%d deliveries under way, %d waiting", n, got.Waiting)
	}
}
