package pages

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Every page stands in the layout and may use the parts; no page sees another page's definitions.
var shared = []string{"templates/layout.html", "templates/parts.html"}

// parseTemplates reads one template set a page, by the page's file name without its ending.
func parseTemplates(texts catalogue) (map[string]*template.Template, error) {
	base, err := template.New("").Funcs(template.FuncMap{
		"t":    texts.text,
		"tn":   texts.count,
		"dict": dict,
	}).ParseFS(templateFiles, shared...)
	if err != nil {
		return nil, fmt.Errorf("pages: parse the layout: %w", err)
	}
	files, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("pages: list templates: %w", err)
	}
	sets := make(map[string]*template.Template, len(files))
	for _, file := range files {
		if file == shared[0] || file == shared[1] {
			continue
		}
		set, err := base.Clone()
		if err == nil {
			set, err = set.ParseFS(templateFiles, file)
		}
		if err != nil {
			return nil, fmt.Errorf("pages: parse %s: %w", file, err)
		}
		sets[strings.TrimSuffix(path.Base(file), ".html")] = set
	}
	return sets, nil
}

// dict hands a part more than one value: name, value, name, value.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d values are not pairs", len(pairs))
	}
	values := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, is := pairs[i].(string)
		if !is {
			return nil, fmt.Errorf("dict: name %d is not a string", i/2)
		}
		values[name] = pairs[i+1]
	}
	return values, nil
}
