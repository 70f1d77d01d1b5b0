package main

import (
	"os"
	"path/filepath"
	"testing"
)

// Every mutation still fits the code: its text is there, exactly once. That the
// tests notice it is what the command itself shows.
func TestEveryMutationFitsTheCode(t *testing.T) {
	for _, m := range mutations {
		text, err := os.ReadFile(filepath.Join("..", "..", m.File))
		if err != nil {
			t.Fatal(err)
		}
		if mutated, err := m.mutate(string(text)); err != nil || mutated == string(text) {
			t.Errorf("%s: %v", m.Name, err)
		}
	}
	if len(mutations) < 5 {
		t.Errorf("%d mutations, want at least five", len(mutations))
	}
}
