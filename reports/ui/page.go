package ui

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"time"
)

// page is what a template shows. The templates escape every text in it.
type page struct {
	Title string
	Dir   string
	Body  any
}

// show renders the template called name.
func (s *server) show(status int, name string, p page) (answer, error) {
	p.Dir = s.o.Dir
	var b bytes.Buffer
	if err := s.pages.ExecuteTemplate(&b, name, p); err != nil {
		return nil, fmt.Errorf("show page: %w", err)
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write(b.Bytes()) // whoever asked may have gone
	}, nil
}

// asset answers with the style, the script or the icon.
func asset(r *http.Request) (answer, error) {
	types := map[string]string{
		"style.css": "text/css; charset=utf-8", "script.js": "text/javascript; charset=utf-8", "icon.svg": contentType("icon.svg"),
	}
	name := r.PathValue("file")
	if r.URL.Path == icon {
		name = "icon.svg"
	}
	if types[name] == "" {
		return nil, notFound("there is no such file")
	}
	data, err := embedded.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", types[name])
		_, _ = w.Write(data) // whoever asked may have gone
	}, nil
}

// icon is what browsers ask for beside a page that names none.
const icon = "/favicon.ico"

// address returns where a page is: address("/compare", "a", run) is /compare?a=….
// Parameters that are empty are left out.
func address(at string, parameters ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(parameters); i += 2 {
		if parameters[i+1] != "" {
			values.Set(parameters[i], parameters[i+1])
		}
	}
	if len(values) == 0 {
		return at
	}
	return at + "?" + values.Encode()
}

// moment is a time for people and one for machines; both are empty for none.
type moment struct{ Text, Machine string }

func momentOf(t time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	return moment{t.UTC().Format("2006-01-02 15:04"), t.UTC().Format(time.RFC3339)}
}

// contentType returns the type that a file of a report is served as. What is
// no page and no picture is shown as text.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".pdf":
		return "application/pdf"
	}
	return plainText
}

const plainText = "text/plain; charset=utf-8"
