package store

import (
	"context"
	"time"

	"lyceum/server/post"
	"lyceum/server/store/sqlgen"
)

// AddChannel connects an account, with its credentials as sealed text. An account that is connected already keeps its id
// and gets the new credentials. It returns the channel as it stands.
func (s *Store) AddChannel(ctx context.Context, c post.Channel, sealed string) (post.Channel, error) {
	var out post.Channel
	err := s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		renewed, err := q.RenewChannel(ctx, sqlgen.RenewChannelParams{
			TextLimit: int64(c.TextLimit), LinkLength: int64(c.LinkLength), Sealed: sealed, Now: stamp(c.CheckedAt),
			Service: c.Service, Server: c.Server, Account: c.Account,
		})
		if err != nil {
			return fail("renew channel", err)
		}
		if renewed == 0 {
			_, err = q.AddChannel(ctx, sqlgen.AddChannelParams{
				ID: c.ID, Service: c.Service, Server: c.Server, Account: c.Account, TextLimit: int64(c.TextLimit),
				LinkLength: int64(c.LinkLength), Sealed: sealed, CheckedAt: stamp(c.CheckedAt), CreatedAt: stamp(c.CreatedAt),
			})
			if err != nil {
				return fail("add channel "+c.ID, err)
			}
		}
		row, err := q.FindChannel(ctx, sqlgen.FindChannelParams{Service: c.Service, Server: c.Server, Account: c.Account})
		out = toChannel(row)
		return fail("read channel", err)
	})
	if err != nil {
		return post.Channel{}, err
	}
	return out, nil
}

// Channels lists the connected accounts, oldest first.
func (s *Store) Channels(ctx context.Context) ([]post.Channel, error) {
	rows, err := s.read.ConnectedChannels(ctx)
	if err != nil {
		return nil, fail("list channels", err)
	}
	out := make([]post.Channel, len(rows))
	for i, r := range rows {
		out[i] = toChannel(r)
	}
	return out, nil
}

// Channel returns a channel, also a disconnected one, and its sealed credentials; post.ErrNotFound for an unknown id.
func (s *Store) Channel(ctx context.Context, id string) (c post.Channel, sealed string, err error) {
	row, err := s.read.GetChannel(ctx, id)
	if err != nil {
		return post.Channel{}, "", missing("read channel "+id, err, post.ErrNotFound)
	}
	return toChannel(row), row.Sealed, nil
}

// NoteChannel writes down what a check of a channel found.
func (s *Store) NoteChannel(ctx context.Context, c post.Channel) error {
	return s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		return fail("note channel "+c.ID, q.NoteChannel(ctx, sqlgen.NoteChannelParams{
			ID: c.ID, Fault: c.Fault, CheckedAt: stamp(c.CheckedAt), TextLimit: int64(c.TextLimit), LinkLength: int64(c.LinkLength),
		}))
	})
}

// RemoveChannel disconnects an account: its credentials are erased and what was planned for it will not go out.
func (s *Store) RemoveChannel(ctx context.Context, id string, now time.Time) error {
	return s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		rows, err := q.RemoveChannel(ctx, sqlgen.RemoveChannelParams{ID: id, RemovedAt: nullTime(now)})
		switch {
		case err != nil:
			return fail("remove channel "+id, err)
		case rows == 0:
			return post.ErrNotFound
		}
		return fail("drop the plans of channel "+id, q.DropPlansOfChannel(ctx, sqlgen.DropPlansOfChannelParams{
			Fault: post.FaultDisconnected, Now: stamp(now), ChannelID: id,
		}))
	})
}

func toChannel(r sqlgen.Channel) post.Channel {
	return post.Channel{
		ID: r.ID, Service: r.Service, Server: r.Server, Account: r.Account,
		TextLimit: int(r.TextLimit), LinkLength: int(r.LinkLength), Fault: r.Fault,
		CheckedAt: r.CheckedAt.UTC(), CreatedAt: r.CreatedAt.UTC(), RemovedAt: plainTime(r.RemovedAt),
	}
}

func toPost(r sqlgen.Post) post.Post {
	return post.Post{
		ID: r.ID, EventID: r.EventID, ChannelID: r.ChannelID, Moment: r.Moment, Text: r.Body,
		State: r.State, Attempts: int(r.Attempts), Fault: r.Fault, Link: r.Link, ApprovedBy: r.ApprovedBy,
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(), TriedAt: plainTime(r.TriedAt),
		MaybeAt: plainTime(r.MaybeAt), NextAt: plainTime(r.NextAt),
	}
}
