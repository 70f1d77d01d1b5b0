package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"lyceum/server/event"
)

// Sizes of the lists.
const (
	homeEvents = 6
	listEvents = 24
	// storePages bounds how far one request looks for events that pass a rare filter.
	storePages = 10
	storePage  = 50
	maxCursor  = 200
)

type homeView struct {
	Live, Next []eventView
	More       bool
	Zone       string
}

// home shows what is on now and what comes next.
func (s *Site) home(c *fiber.Ctx) error {
	now := s.Now()
	events, next, err := s.Store.Upcoming(c.UserContext(), now, "", storePage)
	if err != nil {
		return err
	}
	v := homeView{Zone: s.zoneName(s.location()), More: next != ""}
	for _, e := range events {
		switch {
		case e.Live(now):
			v.Live = append(v.Live, s.view(e, now))
		case e.Status == event.Cancelled:
		case len(v.Next) < homeEvents:
			v.Next = append(v.Next, s.view(e, now))
		default:
			v.More = true
		}
	}
	return s.render(c, http.StatusOK, "home", page{
		Title: s.texts.text("public.home.title"), Description: s.texts.text("public.home.lead"), Path: "/", Titles: true, View: v,
	})
}

type option struct {
	Value, Label string
	Chosen       bool
}

type listGroup struct {
	Title  string
	Events []eventView
}

type listView struct {
	Groups           []listGroup
	Kinds, Audiences []option
	Filtered         bool
	Count            int
	Zone, More       string // More is the address of the following events, "" at the end
	Later            bool   // not the first page
}

// list shows the coming events by week, filtered by what the address asks for.
func (s *Site) list(c *fiber.Ctx) error {
	now := s.Now()
	want := filter{
		kind:     known(event.Kinds(), strings.Clone(c.Query("kind"))),
		audience: known(event.Audiences(), strings.Clone(c.Query("audience"))),
	}
	after := strings.Clone(c.Query("after"))
	if len(after) > maxCursor {
		return fiber.ErrNotFound
	}
	events, next, err := s.find(c.UserContext(), now, after, want)
	if problems := (event.Problems{}); errors.As(err, &problems) {
		return fiber.ErrNotFound // a cursor that nobody gave out
	}
	if err != nil {
		return err
	}
	v := listView{
		Groups: s.byWeek(events, now), Count: len(events), Zone: s.zoneName(s.location()), Later: after != "",
		Filtered: want != filter{}, More: want.address(next),
		Kinds:     options(s.texts, event.Kinds(), kindKeys, want.kind, "public.list.all-kinds"),
		Audiences: options(s.texts, event.Audiences(), audienceKeys, want.audience, "public.list.all-audiences"),
	}
	return s.render(c, http.StatusOK, "events", page{
		Title: s.texts.text("public.list.title"), Description: s.texts.text("public.list.description", "library", s.library()),
		Path: "/events", Nav: "events", Titles: true, View: v,
	})
}

// filter is what the form of the list asks for; the zero value lets everything through.
type filter struct {
	kind     event.Kind
	audience event.Audience
}

func (f filter) passes(e event.Event) bool {
	return (f.kind == "" || e.Kind == f.kind) && (f.audience == "" || e.Audience == f.audience)
}

// address of the list from cursor on with the same filter; "" without a cursor.
func (f filter) address(cursor string) string {
	if cursor == "" {
		return ""
	}
	q := url.Values{"after": {cursor}}
	if f.kind != "" {
		q.Set("kind", string(f.kind))
	}
	if f.audience != "" {
		q.Set("audience", string(f.audience))
	}
	return "/events?" + q.Encode()
}

// find reads whole pages of the store until enough events passed the filter, so that the returned cursor never skips one.
func (s *Site) find(ctx context.Context, now time.Time, after string, want filter) ([]event.Event, string, error) {
	size := listEvents
	if want != (filter{}) {
		size = storePage
	}
	var found []event.Event
	for range storePages {
		events, next, err := s.Store.Upcoming(ctx, now, after, size)
		if err != nil {
			return nil, "", err
		}
		for _, e := range events {
			if want.passes(e) {
				found = append(found, e)
			}
		}
		after = next
		if next == "" || len(found) >= listEvents {
			break
		}
	}
	return found, after, nil
}

func (s *Site) byWeek(events []event.Event, now time.Time) []listGroup {
	var groups []listGroup
	for _, e := range events {
		title := s.week(e.StartsAt.In(s.location()), now.In(s.location()))
		if n := len(groups); n == 0 || groups[n-1].Title != title {
			groups = append(groups, listGroup{Title: title})
		}
		last := &groups[len(groups)-1]
		last.Events = append(last.Events, s.view(e, now))
	}
	return groups
}

// known keeps value when it is in the closed set, and drops it otherwise: a stale link shows everything, not an error.
func known[T ~string](set []T, value string) T {
	if slices.Contains(set, T(value)) {
		return T(value)
	}
	return ""
}

func options[T ~string](texts catalogue, set []T, keys map[T]string, chosen T, all string) []option {
	list := []option{{Label: texts.text(all), Chosen: chosen == ""}}
	for _, value := range set {
		list = append(list, option{Value: string(value), Label: texts.text(keys[value]), Chosen: value == chosen})
	}
	return list
}
