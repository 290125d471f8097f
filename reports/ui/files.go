package ui

import (
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/czbench/czbench/results"
)

// Policies of what lies in a run folder, which is not trusted. A report brings a
// policy of its own, by the hashes of its style and script, and both hold; that
// of the answer allows inline ones because it cannot know the hashes. Its sandbox
// gives the report an origin of its own, so that it can read nothing of this
// server, and it may not ask for anything. A PDF is shown by the browser's
// viewer, which refuses to work in a sandbox.
const (
	reportPolicy = "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; " +
		"script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	filePolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	pdfPolicy  = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// reportFile answers with a file of the report of a run.
func (s *server) reportFile(r *http.Request) (answer, error) {
	name := r.PathValue("file")
	if name == "" {
		name = "index.html"
	}
	f, info, err := s.open(r, results.ReportDir, name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.Join(notFound("%s is a folder", name), f.Close())
	}
	served := file{File: f, changed: info.ModTime(), kind: contentType(name), policy: filePolicy}
	switch filepath.Ext(name) {
	case ".html":
		served.policy = reportPolicy
	case ".pdf":
		served.policy = pdfPolicy
	}
	return served.answer, nil
}

// rawFile answers with raw output of a trial as text, or with what is in a folder
// of it.
func (s *server) rawFile(r *http.Request) (answer, error) {
	name := strings.TrimSuffix(r.PathValue("file"), "/")
	f, info, err := s.open(r, filepath.Join("trials", r.PathValue("trial"), "raw"), name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return file{File: f, changed: info.ModTime(), kind: plainText, policy: filePolicy}.answer, nil
	}
	defer f.Close() //nolint:errcheck // it was only read
	if !strings.HasSuffix(r.URL.Path, "/") {
		return nil, notFound("%s is a folder: add a slash", name)
	}
	return s.folder(f, r)
}

// open opens a file or a folder in a part of a run folder; nothing outside that
// part can be reached, by no link either.
func (s *server) open(r *http.Request, part, name string) (*os.File, fs.FileInfo, error) {
	e, err := s.runs.find(r.PathValue("scenario") + "/" + r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	run, err := os.OpenRoot(e.Dir)
	if err != nil {
		return nil, nil, err
	}
	defer run.Close() //nolint:errcheck // it was only read
	inside, err := openPart(run, part)
	if err != nil {
		return nil, nil, notFound("run %s has no %s", e.name(), part)
	}
	defer inside.Close() //nolint:errcheck // it was only read
	f, err := openRegular(inside, filepath.Join(".", name))
	if err != nil {
		return nil, nil, notFound("%s of run %s has no file %q that can be shown", part, e.name(), name)
	}
	info, err := f.Stat()
	return f, info, err
}

// openPart opens a part of a run folder; a link, also one that leads to another
// place in the folder, is no part of it.
func openPart(run *os.Root, part string) (*os.Root, error) {
	names := strings.Split(part, string(filepath.Separator))
	for i := range names {
		name := filepath.Join(names[:i+1]...)
		info, err := run.Lstat(name)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			return nil, errors.New(name + " is not a folder")
		}
	}
	return run.OpenRoot(part)
}

// openRegular opens a regular file or a folder; a pipe or a device is not waited
// for, and refused.
func openRegular(r *os.Root, name string) (*os.File, error) {
	f, err := r.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		err = errors.New(name + " is not a regular file")
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// file is served as one kind and under one policy, whatever it is called.
type file struct {
	*os.File
	changed      time.Time
	kind, policy string
}

func (f file) answer(w http.ResponseWriter, r *http.Request) {
	defer f.Close() //nolint:errcheck // it was only read
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("Content-Security-Policy", f.policy)
	http.ServeContent(w, r, "", f.changed, f.File)
}

// listed is a file or a folder.
type listed struct {
	Name, At string
	Size     int64
	Folder   bool
}

// folderBody lists a folder of raw output.
type folderBody struct {
	Run, At, Path string
	Files         []listed
	More          bool // than are listed
}

// mostFiles is how many files of a folder are listed.
const mostFiles = 1000

// folder shows what is in a folder of raw output.
func (s *server) folder(f *os.File, r *http.Request) (answer, error) {
	found, err := f.ReadDir(mostFiles + 1)
	if err != nil && len(found) > 0 {
		return nil, err
	}
	e := entry{Listing: results.Listing{Scenario: r.PathValue("scenario"), ID: r.PathValue("id")}}
	body := folderBody{
		Run: e.name(), At: e.at(), Path: "trials/" + r.PathValue("trial") + "/raw/" + r.PathValue("file"), More: len(found) > mostFiles,
	}
	slices.SortFunc(found, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	for _, d := range found[:min(len(found), mostFiles)] {
		l := listed{Name: d.Name(), At: "./" + url.PathEscape(d.Name()), Folder: d.IsDir()}
		if info, err := d.Info(); err == nil {
			l.Size = info.Size()
		}
		if l.Folder {
			l.Name, l.At = l.Name+"/", l.At+"/"
		}
		body.Files = append(body.Files, l)
	}
	return s.show(http.StatusOK, "folder", page{Title: body.Path, Body: body})
}
