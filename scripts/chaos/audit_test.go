package main

import (
	"strings"
	"testing"

	"lyceum/server/store/ledger"
)

// An audit that never says no proves nothing: each kind of broken promise is made
// up once, and named.
func TestTheAuditOfARaceNoticesBrokenPromises(t *testing.T) {
	claim := func(id, status string) ledger.Claim { return ledger.Claim{ID: id, Event: "e", Status: status} }
	for _, row := range []struct {
		name   string
		claims []ledger.Claim
		want   string
	}{
		{"all is well", []ledger.Claim{claim("a", "confirmed"), claim("b", "cancelled"), claim("c", "confirmed"), claim("d", "waitlisted")}, ""},
		{"more seats than there are", []ledger.Claim{claim("a", "confirmed"), claim("b", "confirmed"), claim("c", "confirmed")}, "3 of 2 seats"},
		{"a free seat while somebody waits", []ledger.Claim{claim("a", "confirmed"), claim("b", "waitlisted")}, "1 of 2 seats are taken while 1 wait"},
		{"a seat past somebody who waits", []ledger.Claim{claim("a", "waitlisted"), claim("b", "confirmed"), claim("c", "confirmed")}, "somebody before it waits"},
		{"an answer without its row", []ledger.Claim{claim("b", "confirmed")}, "a was answered"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var verdict judge
			auditRace(ledger.Books{Claims: row.claims}, "e", options{seats: 2}, []string{"a"}, &raceFigures{}, &verdict)
			mustSay(t, &verdict, row.want)
		})
	}
}

func TestTheAuditOfKillsNoticesBrokenPromises(t *testing.T) {
	one := []ledger.Claim{{ID: "r"}}
	mail := func(kind string, attempts int) ledger.Mail {
		return ledger.Mail{ID: "m", Kind: kind, Payload: `{"registration":"r"}`, Attempts: attempts}
	}
	for _, row := range []struct {
		name   string
		books  ledger.Books
		copies map[string]int
		want   string
	}{
		{"all is well", ledger.Books{Claims: one, Mails: []ledger.Mail{mail("mail.registration", 1)}}, map[string]int{"m": 1}, ""},
		{"a mail doubled by a kill is no fault", ledger.Books{Claims: one, Mails: []ledger.Mail{mail("mail.waitlisted", 2)}}, map[string]int{"m": 2}, ""},
		{"a mail doubled for no reason", ledger.Books{Claims: one, Mails: []ledger.Mail{mail("mail.registration", 1)}}, map[string]int{"m": 2}, "came 2 times"},
		{"no outbox row", ledger.Books{Claims: one}, nil, "has no outbox row"},
		{"no mail", ledger.Books{Claims: one, Mails: []ledger.Mail{mail("mail.registration", 1)}}, nil, "did not come"},
		{"an outbox row of nothing", ledger.Books{Mails: []ledger.Mail{mail("mail.registration", 1)}}, map[string]int{"m": 1}, "belongs to no registration"},
		{"an answer without its row", ledger.Books{}, nil, "r was answered"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var verdict judge
			auditKills(row.books, row.copies, []entry{{id: "r"}}, &killFigures{}, &verdict)
			mustSay(t, &verdict, row.want)
		})
	}
}

// mustSay wants a sentence among the broken promises, or with "" none at all.
func mustSay(t *testing.T, verdict *judge, want string) {
	t.Helper()
	said := strings.Join(verdict.said(), "\n")
	if (want == "") != (said == "") || !strings.Contains(said, want) {
		t.Errorf("the audit says %q, want %q", said, want)
	}
}
