package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"

	"github.com/czbench/czbench/internal/config"
)

const (
	nativeExt = ".hcl"
	jsonExt   = ".hcl.json"
)

// source is one file of a scenario.
type source struct {
	path  string // as given, for diagnostics
	base  string
	bytes []byte
}

// read reads one file, or the scenario files of a folder by name.
func read(path string) ([]source, hcl.Diagnostics) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(err)
	}
	paths := []string{path}
	if info.IsDir() {
		if paths, err = scenarioFiles(path); err != nil {
			return nil, unreadable(err)
		}
	}
	var sources []source
	for _, p := range paths {
		if !isScenario(p) {
			return nil, unreadable(fmt.Errorf("%s: a scenario file is named *%s or *%s", p, nativeExt, jsonExt))
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return nil, unreadable(err)
		}
		sources = append(sources, source{path: p, base: filepath.Base(p), bytes: data})
	}
	return sources, nil
}

func isScenario(path string) bool {
	return strings.HasSuffix(path, nativeExt) || strings.HasSuffix(path, jsonExt)
}

func scenarioFiles(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, e := range entries {
		if !e.IsDir() && isScenario(e.Name()) {
			paths = append(paths, filepath.Join(folder, e.Name()))
		}
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s: the folder holds no *%s or *%s file", folder, nativeExt, jsonExt)
	}
	return paths, nil
}

func unreadable(err error) hcl.Diagnostics {
	return hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: "Scenario cannot be read", Detail: config.Sentence(err.Error()),
	}}
}

// parse parses every source and merges them into one body.
func (l *loader) parse(sources []source) hcl.Body {
	var files []*hcl.File
	for _, src := range sources {
		file := l.parseOne(src)
		l.files[src.path] = file
		files = append(files, file)
	}
	if len(files) == 1 {
		return files[0].Body
	}
	return hcl.MergeFiles(files)
}

func (l *loader) parseOne(src source) *hcl.File {
	var file *hcl.File
	var diags hcl.Diagnostics
	if strings.HasSuffix(src.path, ".json") {
		file, diags = json.Parse(src.bytes, src.path)
	} else {
		file, diags = hclsyntax.ParseConfig(src.bytes, src.path, hcl.InitialPos)
	}
	l.add(diags...)
	if file == nil {
		file = &hcl.File{Body: hcl.EmptyBody(), Bytes: src.bytes}
	}
	return file
}
