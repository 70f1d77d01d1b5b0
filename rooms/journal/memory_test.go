package journal_test

import (
	"testing"

	"go.uber.org/goleak"

	"lyceum/rooms/journal"
	"lyceum/rooms/journal/journaltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemoryKeepsTheContract(t *testing.T) {
	journaltest.Run(t, func(*testing.T) journal.Journal { return journal.NewMemory() })
}
