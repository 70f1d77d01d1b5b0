package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// generated is the line by which tools mark what they wrote
// (https://go.dev/s/generatedcode).
var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// Load reads every package of the module at root.
func Load(root string) ([]Package, error) {
	list := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,Imports,GoFiles,TestGoFiles,XTestGoFiles", "./...")
	list.Dir = root
	var failure bytes.Buffer
	list.Stderr = &failure
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("archtest: go list: %w: %s", err, failure.String())
	}
	var packages []Package
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var listed struct {
			ImportPath, Dir, Doc                        string
			Imports, GoFiles, TestGoFiles, XTestGoFiles []string
		}
		if err := decoder.Decode(&listed); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("archtest: read go list: %w", err)
		}
		p := Package{Path: strings.TrimPrefix(strings.TrimPrefix(listed.ImportPath, Module), "/"), Doc: listed.Doc, Imports: listed.Imports, Lines: map[string]int{}}
		for _, files := range [][]string{listed.GoFiles, listed.TestGoFiles, listed.XTestGoFiles} {
			for _, name := range files {
				text, err := os.ReadFile(filepath.Join(listed.Dir, name))
				if err != nil {
					return nil, fmt.Errorf("archtest: %w", err)
				}
				if !generated.Match(text) {
					p.Lines[name] = bytes.Count(text, []byte("\n"))
				}
			}
		}
		packages = append(packages, p)
	}
}

// TopLevelOf lists what git tracks in the root of the repository.
func TopLevelOf(root string) ([]string, error) {
	list := exec.Command("git", "ls-tree", "--name-only", "HEAD")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("archtest: git ls-tree: %w", err)
	}
	return strings.Fields(string(out)), nil
}
