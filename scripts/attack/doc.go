// Package attack holds what strangers and hostile patrons try on the running
// binary (build/lyceum, which scripts/test builds first): every command of the
// policy table with every role in one's own room, in another and in none; every
// HTTP route with every kind of visitor and foreign ids; walks over every GET;
// foreign origins. The cases are generated from the tables in rooms and
// server/web, so that a new row is tried as soon as it is there; what the site
// answers is compared with golden files that a review reads. The packages below
// hold the longer attacks, each a command with a short form in its tests.
// REPORT.md has the figures.
package attack
