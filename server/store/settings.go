package store

import (
	"context"
	"encoding/json"
	"time"

	"lyceum/server/settings"
	"lyceum/server/store/sqlgen"
)

// MailProof says which mail set-up a test mail has gone through last. Setup is
// whatever the caller wrote; "" means that none has.
type MailProof struct {
	Setup    string
	TestedAt time.Time
}

// Settings returns what the library says about itself, settings.Default until
// somebody has saved it.
func (s *Store) Settings(ctx context.Context) (settings.Settings, error) {
	row, err := s.read.GetSettings(ctx)
	if classify(err) == absent {
		return settings.Default(), nil
	} else if err != nil {
		return settings.Settings{}, fail("read the settings", err)
	}
	return toSettings(row)
}

// SaveSettings replaces the settings and returns them with their new version.
func (s *Store) SaveSettings(ctx context.Context, new settings.Settings, now time.Time) (settings.Settings, error) {
	body, err := json.Marshal(new)
	if err != nil {
		return settings.Settings{}, fail("write the settings", err)
	}
	var saved settings.Settings
	err = s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		row, err := q.SaveSettings(ctx, sqlgen.SaveSettingsParams{Body: string(body), UpdatedAt: stamp(now)})
		if err != nil {
			return fail("save the settings", err)
		}
		saved, err = toSettings(row)
		return err
	})
	if err != nil {
		return settings.Settings{}, err
	}
	return saved, nil
}

// MailProof returns the last mail set-up that worked.
func (s *Store) MailProof(ctx context.Context) (MailProof, error) {
	row, err := s.read.GetSettings(ctx)
	if classify(err) == absent {
		return MailProof{}, nil
	} else if err != nil {
		return MailProof{}, fail("read the mail proof", err)
	}
	return MailProof{Setup: row.MailProof, TestedAt: row.MailTestedAt.Time.UTC()}, nil
}

// SaveMailProof records that a test mail went through this set-up.
func (s *Store) SaveMailProof(ctx context.Context, setup string, now time.Time) error {
	return s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		return fail("save the mail proof", q.SaveMailProof(ctx, sqlgen.SaveMailProofParams{MailProof: setup, UpdatedAt: stamp(now)}))
	})
}

func toSettings(row sqlgen.SiteSetting) (settings.Settings, error) {
	out := settings.Default()
	if row.Version == 0 {
		return out, nil
	}
	if err := json.Unmarshal([]byte(row.Body), &out); err != nil {
		return settings.Settings{}, fail("read the settings", err)
	}
	out.Version, out.UpdatedAt = row.Version, row.UpdatedAt.UTC()
	return out, nil
}
