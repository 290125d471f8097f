package ui

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync"

	"github.com/czbench/czbench/results"
)

// Options say what is shown, and to whom.
type Options struct {
	Dir string // below which the runs are; it need not exist yet
	// Host is the host of the address that is listened at; empty for loopback.
	Host string
	// Differing returns the names of the facts in which two machines are not
	// comparable.
	Differing func(was, is results.Facts) []string
}

//go:embed page.gohtml style.css script.js icon.svg
var embedded embed.FS

// server answers requests.
type server struct {
	o       Options
	pages   *template.Template
	runs    *catalogue
	analyse sync.Mutex // one at a time: the machine may be measuring
	last    nights     // held by analyse
}

// New returns what answers the requests for the pages.
func New(o Options) (http.Handler, error) {
	s := &server{o: o, runs: newCatalogue(o.Dir)}
	var err error
	if s.pages, err = template.ParseFS(embedded, "page.gohtml"); err != nil {
		return nil, fmt.Errorf("parse pages: %w", err)
	}
	mux := http.NewServeMux()
	for pattern, page := range map[string]func(*http.Request) (answer, error){
		"/{$}":                                  s.list,
		"/run/{scenario}/{id}/{$}":              s.run,
		"/compare":                              s.compare,
		"/history":                              s.history,
		"/assets/{file}":                        asset,
		icon:                                    asset,
		"/run/{scenario}/{id}/report/{file...}": s.reportFile,
		"/run/{scenario}/{id}/trials/{trial}/raw/{file...}": s.rawFile,
		"/": func(*http.Request) (answer, error) { return nil, notFound("there is no such page") },
	} {
		mux.HandleFunc(pattern, s.handle(page))
	}
	return s.guard(mux), nil
}

// answer writes a whole answer.
type answer func(http.ResponseWriter, *http.Request)

// problem is an error that the reader of a page can do something about.
type problem struct {
	status int
	text   string
}

func (p *problem) Error() string { return p.text }

func notFound(format string, args ...any) error {
	return &problem{http.StatusNotFound, fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) error {
	return &problem{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// handle has a page answer, or says what is wrong. A panic over what a damaged
// folder holds becomes a page as well.
func (s *server) handle(page func(*http.Request) (answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, err := recovered(page, r)
		if err != nil {
			a = s.failure(err)
		}
		a(w, r)
	}
}

func recovered(page func(*http.Request) (answer, error), r *http.Request) (a answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the page cannot be made of what the folder holds: %v", p)
		}
	}()
	return page(r)
}

// failure is the page that says what is wrong.
func (s *server) failure(err error) answer {
	p := &problem{status: http.StatusInternalServerError, text: err.Error()}
	errors.As(err, &p)
	title := http.StatusText(p.status)
	a, err := s.show(p.status, "failure", page{Title: title, Body: p.text})
	if err != nil {
		return func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
	return a
}

// policy is what the pages may do: use our own style, script and figures.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// guard refuses what is not meant for us, and sets what holds for every answer.
func (s *server) guard(next http.Handler) http.Handler {
	refuse := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { s.failure(&problem{status, text})(w, r) }
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, to := w.Header(), next
		for name, value := range map[string]string{
			"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
			"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			h.Set(name, value)
		}
		switch {
		case !answers(s.o.Host, r.Host):
			to = refuse(http.StatusMisdirectedRequest, "this server does not answer for a name that it was not told; use an IP address of its machine, or have czbench ui listen at that name")
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			to = refuse(http.StatusMethodNotAllowed, "nothing can be changed here: only GET and HEAD are answered")
		case devious(r):
			to = refuse(http.StatusNotFound, "there is no such page")
		}
		to.ServeHTTP(w, r)
	})
}

// devious tells of a path that means another one than it spells, or could on some
// system.
func devious(r *http.Request) bool {
	path, spelt := r.URL.Path, strings.ToLower(r.URL.EscapedPath())
	if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, "\\\x00") || strings.Contains(spelt, "%2f") {
		return true
	}
	parts := strings.Split(path[1:], "/")
	for i, part := range parts {
		if part == "." || part == ".." || part == "" && i < len(parts)-1 {
			return true
		}
	}
	return false
}
