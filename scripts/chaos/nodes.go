package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// nodesFigures is what two nodes on one database did.
type nodesFigures struct {
	Registered int    `json:"registered"`
	Mails      int    `json:"mails"`   // outbox rows
	ByNode     [2]int `json:"byNode"`  // mails that each node sent
	Doubled    int    `json:"doubled"` // mails that came twice or were tried twice
	Missing    int    `json:"missing"` // mails that did not come
}

// shareWork runs two nodes whose relays, consumers and retention all work on one
// outbox, while patrons register at both.
func shareWork(ctx context.Context, o options, verdict *judge) (any, error) {
	first, err := newSite(ctx, o)
	if err != nil {
		return nil, err
	}
	defer first.close()
	second, err := first.beside()
	if err != nil {
		return nil, err
	}
	defer second.close()
	event, err := first.addEvent(ctx, o.seats)
	if err != nil {
		return nil, err
	}
	nodes := []*site{first, second}
	for _, node := range nodes {
		if err := node.start(ctx); err != nil {
			return nil, err
		}
	}
	figures := &nodesFigures{}
	figures.Registered = registerAtBoth(ctx, o, nodes, event, verdict)
	if err := settle(ctx, first); err != nil {
		verdict.broke("%v", err)
	}
	for _, node := range nodes {
		if err := node.stop(syscall.SIGTERM); err != nil {
			verdict.broke("%v", err)
		}
	}
	if err := auditNodes(ctx, nodes, figures, verdict); err != nil {
		return nil, err
	}
	if verdict.clean() {
		err = os.RemoveAll(first.data)
		if err == nil {
			err = os.RemoveAll(second.data)
		}
	}
	return figures, err
}

func registerAtBoth(ctx context.Context, o options, nodes []*site, event string, verdict *judge) int {
	var mu sync.Mutex
	registered := 0
	var wg sync.WaitGroup
	for w := range o.callers {
		wg.Go(func() {
			for i := w; i < o.clients; i += o.callers {
				_, ok := nodes[i%len(nodes)].insist(ctx, event, "Reader", fmt.Sprintf("r%d@mail.example", i), rand.Text(), verdict)
				mu.Lock()
				if ok {
					registered++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return registered
}

// auditNodes counts what left either node.
func auditNodes(ctx context.Context, nodes []*site, figures *nodesFigures, verdict *judge) error {
	books, err := nodes[0].books.Read(ctx)
	if err != nil {
		return err
	}
	total := map[string]int{}
	for i, node := range nodes {
		copies, err := arrived(filepath.Join(node.data, "mail"))
		if err != nil {
			return err
		}
		for id, n := range copies {
			total[id] += n
			figures.ByNode[i] += n
		}
	}
	figures.Mails = len(books.Mails)
	for _, m := range books.Mails {
		switch {
		case total[m.ID] == 0:
			figures.Missing++
			verdict.broke("mail %s did not come", m.ID)
		case total[m.ID] > 1 || m.Attempts != 1:
			figures.Doubled++
			verdict.broke("mail %s came %d times in %d attempts", m.ID, total[m.ID], m.Attempts)
		}
	}
	if figures.Mails != figures.Registered {
		verdict.broke("%d registrations caused %d mails", figures.Registered, figures.Mails)
	}
	return nil
}
