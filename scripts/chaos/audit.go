package main

import (
	"encoding/json"
	"os"
	"strings"

	"lyceum/server/store/ledger"
)

// auditKills compares the clients' ledger, the tables and the mails that came;
// copies counts these by outbox row.
func auditKills(books ledger.Books, copies map[string]int, entries []entry, figures *killFigures, verdict *judge) {
	first := map[string]string{} // registration -> its first mail
	known := map[string]bool{}
	for _, c := range books.Claims {
		known[c.ID] = true
	}
	for _, m := range books.Mails {
		var of struct{ Registration string }
		if json.Unmarshal([]byte(m.Payload), &of) != nil || !known[of.Registration] {
			figures.Orphans++
			verdict.broke("outbox row %s belongs to no registration", m.ID)
		}
		if m.Kind == "mail.registration" || m.Kind == "mail.waitlisted" {
			first[of.Registration] = m.ID
		}
		if copies[m.ID] > 1 {
			figures.DoubledMails++
			if m.Attempts < 2 {
				verdict.broke("mail %s came %d times in %d attempt", m.ID, copies[m.ID], m.Attempts)
			}
		}
	}
	for _, c := range books.Claims {
		switch mail, has := first[c.ID]; {
		case !has:
			figures.WithoutOutbox++
			verdict.broke("registration %s has no outbox row", c.ID)
		case copies[mail] == 0:
			figures.WithoutMail++
			verdict.broke("the mail of registration %s did not come", c.ID)
		}
	}
	for _, e := range entries {
		if figures.Answered++; !known[e.id] {
			figures.Lost++
			verdict.broke("%s was answered and is not in the table", e.id)
		}
	}
}

// arrived counts the copies of each mail in the folder: files are named by time and
// id, and the id is the outbox row's.
func arrived(dir string) (map[string]int, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	copies := map[string]int{}
	for _, f := range files {
		_, id, _ := strings.Cut(strings.TrimSuffix(f.Name(), ".eml"), "-")
		copies[id]++
	}
	return copies, nil
}
