package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"lyceum/server/post"
	"lyceum/server/store/sqlgen"
)

// PostKind is the outbox kind of a post that is due.
const PostKind = "post.send"

const (
	// queueLease is how long a post on the bus is left alone; a post whose message was lost is queued again after it.
	queueLease = 2 * time.Minute
	// attemptLease is longer than any attempt: after it the attempt counts as broken off.
	attemptLease = time.Minute
)

// ApprovePost keeps a text for its event, channel and moment, and queues it at once when it is due now. Approving again
// replaces the text until an attempt may have reached the service; then it is post.ErrOut.
func (s *Store) ApprovePost(ctx context.Context, p post.Post, now time.Time) (post.Post, error) {
	now = stamp(now)
	var out post.Post
	err := s.write(ctx, p.EventID, func(ctx context.Context, q *sqlgen.Queries) error {
		if _, err := lockEvent(ctx, q, p.EventID); err != nil {
			return err
		}
		there, err := q.FindPost(ctx, sqlgen.FindPostParams{EventID: p.EventID, ChannelID: p.ChannelID, Moment: p.Moment})
		switch {
		case classify(err) == absent:
			there.ID = p.ID
			err = q.AddPost(ctx, sqlgen.AddPostParams{
				ID: p.ID, EventID: p.EventID, ChannelID: p.ChannelID, Moment: p.Moment, Body: p.Text, ApprovedBy: p.ApprovedBy, CreatedAt: now,
			})
			if err != nil {
				return fail("add post "+p.ID, err)
			}
		case err != nil:
			return fail("find a post", err)
		default:
			rows, err := q.ChangePost(ctx, sqlgen.ChangePostParams{Body: p.Text, ApprovedBy: p.ApprovedBy, Now: now, ID: there.ID})
			if err != nil {
				return fail("change post "+there.ID, err)
			}
			if rows == 0 {
				return post.ErrOut
			}
		}
		if p.Moment == post.Announced {
			if err := queuePost(ctx, q, there.ID, now); err != nil {
				return err
			}
		}
		row, err := q.GetPost(ctx, there.ID)
		out = toPost(row)
		return fail("read post "+there.ID, err)
	})
	if err != nil {
		return post.Post{}, err
	}
	return out, nil
}

// RetryPost queues another attempt of a post that failed or whose outcome is unknown; post.ErrOut for any other.
func (s *Store) RetryPost(ctx context.Context, id string, now time.Time) error {
	now = stamp(now)
	return s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		if _, err := q.GetPost(ctx, id); err != nil {
			return missing("read post "+id, err, post.ErrNotFound)
		}
		rows, err := q.RetryPost(ctx, sqlgen.RetryPostParams{ID: id, Now: nullTime(now)})
		switch {
		case err != nil:
			return fail("retry post "+id, err)
		case rows == 0:
			return post.ErrOut
		}
		return queuePost(ctx, q, id, now)
	})
}

// DropPost forgets a planned post that no attempt was made of; post.ErrOut for any other.
func (s *Store) DropPost(ctx context.Context, id string) error {
	return s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		if _, err := q.GetPost(ctx, id); err != nil {
			return missing("read post "+id, err, post.ErrNotFound)
		}
		rows, err := q.DropPost(ctx, id)
		if err == nil && rows == 0 {
			return post.ErrOut
		}
		return fail("drop post "+id, err)
	})
}

// QueueDuePosts puts up to limit posts that are due into the outbox, each at most once a lease, and answers how many.
// Any number of nodes may call it at the same time.
func (s *Store) QueueDuePosts(ctx context.Context, limit int, now time.Time) (int, error) {
	now = stamp(now)
	queued := 0
	err := s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		ids, err := q.ClaimPosts(ctx, sqlgen.ClaimPostsParams{
			Until: nullTime(now.Add(queueLease)), Now: nullTime(now), Starts: now.Add(time.Hour), Page: int64(limit),
		})
		if err != nil {
			return fail("claim posts", err)
		}
		for _, id := range ids {
			if err := addPostRow(ctx, q, id, now); err != nil {
				return err
			}
		}
		queued = len(ids)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return queued, nil
}

// queuePost leases one post and puts it into the outbox.
func queuePost(ctx context.Context, q *sqlgen.Queries, id string, now time.Time) error {
	rows, err := q.QueuePost(ctx, sqlgen.QueuePostParams{Until: nullTime(now.Add(queueLease)), ID: id, Now: nullTime(now)})
	if err != nil || rows == 0 {
		return fail("queue post "+id, err)
	}
	return addPostRow(ctx, q, id, now)
}

// addPostRow writes the outbox row. Each has an id of its own: the bus must not take a second attempt for a repetition.
func addPostRow(ctx context.Context, q *sqlgen.Queries, id string, now time.Time) error {
	row, err := uuid.NewV7()
	if err != nil {
		return fail("make an outbox id", err)
	}
	body, err := json.Marshal(payload{Post: id})
	if err != nil {
		return fail("encode an outbox row", err)
	}
	return fail("add an outbox row", q.AddOutbox(ctx, sqlgen.AddOutboxParams{
		ID: row.String(), Kind: PostKind, Payload: string(body), CreatedAt: now, DueAt: now,
	}))
}

// BeginPost records that an attempt starts and returns the post as it stands. One attempt runs at a time, and only when
// one is due: otherwise it is post.ErrBusy. An earlier attempt that never finished counts as one that may have arrived.
func (s *Store) BeginPost(ctx context.Context, id string, now time.Time) (post.Post, error) {
	now = stamp(now)
	var out post.Post
	err := s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		rows, err := q.BeginPost(ctx, sqlgen.BeginPostParams{Now: now, Until: nullTime(now.Add(attemptLease)), ID: id})
		if err != nil {
			return fail("begin post "+id, err)
		}
		if rows == 0 {
			return post.ErrBusy
		}
		row, err := q.GetPost(ctx, id)
		out = toPost(row)
		return fail("read post "+id, err)
	})
	if err != nil {
		return post.Post{}, err
	}
	return out, nil
}

// FinishPost records how the attempt ended.
func (s *Store) FinishPost(ctx context.Context, id string, o post.Outcome, now time.Time) error {
	return s.write(ctx, "", func(ctx context.Context, q *sqlgen.Queries) error {
		_, err := q.FinishPost(ctx, sqlgen.FinishPostParams{
			State: o.State, Fault: o.Fault, Link: o.Link, MaybeAt: nullTime(o.MaybeAt), NextAt: nullTime(o.NextAt), Now: stamp(now), ID: id,
		})
		return fail("finish post "+id, err)
	})
}

// PostsOfEvent lists an event's posts, oldest first.
func (s *Store) PostsOfEvent(ctx context.Context, eventID string) ([]post.Shown, error) {
	rows, err := s.read.PostsOfEvent(ctx, eventID)
	if err != nil {
		return nil, fail("list posts of event "+eventID, err)
	}
	out := make([]post.Shown, len(rows))
	for i, r := range rows {
		out[i] = post.Shown{Post: toPost(r.Post), Channel: toChannel(r.Channel)}
	}
	return out, nil
}

// Posts lists posts, newest first.
func (s *Store) Posts(ctx context.Context, limit int) ([]post.Shown, error) {
	rows, err := s.read.NewestPosts(ctx, int64(limit))
	if err != nil {
		return nil, fail("list posts", err)
	}
	out := make([]post.Shown, len(rows))
	for i, r := range rows {
		out[i] = post.Shown{Post: toPost(r.Post), Channel: toChannel(r.Channel)}
	}
	return out, nil
}

// Post returns one post; post.ErrNotFound for an unknown id.
func (s *Store) Post(ctx context.Context, id string) (post.Post, error) {
	row, err := s.read.GetPost(ctx, id)
	if err != nil {
		return post.Post{}, missing("read post "+id, err, post.ErrNotFound)
	}
	return toPost(row), nil
}
