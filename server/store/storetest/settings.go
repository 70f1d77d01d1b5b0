package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp"

	"lyceum/server/settings"
)

func settingsCases() []testCase {
	return []testCase{
		{"a library that nobody has set up has the defaults", settingsDefault},
		{"settings come back as they were saved, with a rising version", settingsSaved},
		{"a mail proof outlives a change of the settings, and stands without them", mailProof},
	}
}

func settingsDefault(f *fixture) {
	got, err := f.s.Settings(f.ctx)
	f.must(err)
	if diff := cmp.Diff(settings.Default(), got); diff != "" || got.SetUp() {
		f.Errorf("settings (-want +got):\n%s", diff)
	}
}

func settingsSaved(f *fixture) {
	want, err := settings.Check(settings.Draft{
		Library: "Harbour Town Library", TimeZone: "Europe/Berlin", Languages: []string{"de", "en"}, Contact: "desk@library.example",
		Accent: "#7a1f3d", Privacy: "We *keep* little.", Sender: "The Harbour",
	})
	f.must(err)
	for version := int64(1); version <= 2; version++ {
		saved, err := f.s.SaveSettings(f.ctx, want, now)
		f.must(err)
		want.Version, want.UpdatedAt = version, now.Truncate(time.Microsecond)
		f.reopen()
		got, err := f.s.Settings(f.ctx)
		f.must(err)
		if diff := cmp.Diff(want, saved) + cmp.Diff(want, got); diff != "" {
			f.Errorf("settings (-want +got):\n%s", diff)
		}
	}
}

func mailProof(f *fixture) {
	none, err := f.s.MailProof(f.ctx)
	f.must(err)
	f.must(f.s.SaveMailProof(f.ctx, "set-up one", now))
	if got, err := f.s.Settings(f.ctx); err != nil || got.SetUp() {
		f.Errorf("a test mail set the library up: %+v %v", got, err)
	}
	_, err = f.s.SaveSettings(f.ctx, settings.Default(), now)
	f.must(err)
	got, err := f.s.MailProof(f.ctx)
	f.must(err)
	if none.Setup != "" || got.Setup != "set-up one" || !got.TestedAt.Equal(now.Truncate(time.Microsecond)) {
		f.Errorf("before %+v, after %+v", none, got)
	}
}
