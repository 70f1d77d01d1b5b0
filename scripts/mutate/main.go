// Command mutate checks the tests: it seeds one fault after the other into a
// copy of a file (go test's -overlay; the tree itself is never touched) and runs
// the few fast tests that must notice. A fault that no test notices, or one that
// no longer fits the code, fails. Run it as ./scripts/mutate/run:
//
//	./scripts/mutate/run all       all five, about a minute
//	./scripts/mutate/run 3         the third
//	./scripts/mutate/run           one, chosen by the commit: what CI runs
//
// mutations.go has the faults. A rule that must never be lost belongs there.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func main() {
	chosen, err := choose(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	missed := 0
	for _, n := range chosen {
		m := mutations[n]
		began := time.Now()
		by, err := m.seed()
		if err != nil {
			missed++
			fmt.Printf("%d  MISSED   %s: %v\n", n+1, m.Name, err)
			continue
		}
		fmt.Printf("%d  noticed  %s, by %s (%.0f s)\n", n+1, m.Name, by, time.Since(began).Seconds())
	}
	if missed > 0 {
		os.Exit(1)
	}
}

// choose reads the command line: a number, "all", or nothing for the commit's.
func choose(args []string) ([]int, error) {
	var all []int
	for i := range mutations {
		all = append(all, i)
	}
	switch {
	case len(args) == 0:
		commit, err := exec.Command("git", "rev-parse", "HEAD").Output()
		if err != nil {
			commit = nil // not a checkout: always the same one
		}
		hash := fnv.New32a()
		_, _ = hash.Write(commit)
		return all[hash.Sum32()%uint32(len(all)):][:1], nil
	case args[0] == "all":
		return all, nil
	}
	n, err := strconv.Atoi(args[0])
	if err != nil || n < 1 || n > len(all) {
		return nil, fmt.Errorf("mutate: write a number from 1 to %d, or all", len(all))
	}
	return []int{n - 1}, nil
}

// mutate is the file's text with the fault in it.
func (m mutation) mutate(text string) (string, error) {
	if n := strings.Count(text, m.Old); n != 1 {
		return "", fmt.Errorf("%s has %q %d times, want once: bring the mutation up to date", m.File, m.Old, n)
	}
	return strings.Replace(text, m.Old, m.New, 1), nil
}

var failed = regexp.MustCompile(`(?m)^--- FAIL: (\S+)`)

// seed runs the tests with the fault and answers the first that failed.
func (m mutation) seed() (string, error) {
	text, err := os.ReadFile(m.File)
	if err != nil {
		return "", err
	}
	mutated, err := m.mutate(string(text))
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "lyceum-mutate-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	overlay, err := m.overlay(dir, mutated)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", append([]string{"test", "-failfast", "-overlay", overlay, "-run", m.Tests}, m.Packages...)...).CombinedOutput()
	if err == nil {
		return "", fmt.Errorf("every test of %v passes", m.Packages)
	}
	if by := failed.FindSubmatch(out); by != nil {
		return string(by[1]), nil
	}
	return "", fmt.Errorf("no test failed, but go test did: %s", out) // does not compile, say
}

// overlay writes what go test's -overlay wants.
func (m mutation) overlay(dir, mutated string) (string, error) {
	original, err := filepath.Abs(m.File)
	if err != nil {
		return "", err
	}
	copied, list := filepath.Join(dir, "mutated.go"), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(copied, []byte(mutated), 0o600); err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": {original: copied}})
	if err != nil {
		return "", err
	}
	return list, os.WriteFile(list, text, 0o600)
}
