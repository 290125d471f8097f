package gate

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/czbench/czbench/analysis/history"
)

// The elements of JUnit's XML report that readers agree on.
type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Timestamp string      `xml:"timestamp,attr,omitempty"`
	Cases     []junitCase `xml:"testcase"`
	Out       string      `xml:"system-out,omitempty"`
}

type junitCase struct {
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Failure *junitText `xml:"failure"`
	Skipped *junitText `xml:"skipped"`
	Out     string     `xml:"system-out,omitempty"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit returns r as JUnit XML: one test case for each metric of each treatment.
// A regression is a failure; what is inconclusive or cannot be judged is skipped,
// with the reason.
func JUnit(r *history.Result) ([]byte, error) {
	suite := junitSuite{Name: r.Scenario, Tests: len(r.Findings), Out: strings.Join(append([]string{used(r)}, caveats(r)...), "\n")}
	if n := len(r.Nights); n > 0 {
		suite.Timestamp = r.Nights[n-1].Started.UTC().Format("2006-01-02T15:04:05")
	}
	for _, f := range r.Findings {
		c := junitCase{Class: r.Scenario, Name: name(f), Out: strings.Join(append([]string{ordinary(f)}, details(r, f)...), "\n")}
		switch f.Verdict {
		case history.Regression:
			suite.Failures++
			c.Failure = &junitText{Message: effect(f), Text: f.Why}
		case history.Inconclusive, history.Skipped:
			suite.Skipped++
			c.Skipped = &junitText{Message: f.Why}
		}
		suite.Cases = append(suite.Cases, c)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Suite: suite}); err != nil {
		return nil, fmt.Errorf("encode JUnit XML of run %s: %w", r.Run, err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
