package reference

import (
	"fmt"
	"io"
)

// Headline is what a paper says of itself in its abstract.
type Headline struct {
	Source string // "Heracles ISCA 2015"
	What   string
	Value  string // as published, also "25 to 90"
	Unit   string
}

// Headlines returns the headline figures of the field. None of them is claimed
// to be reproduced.
func Headlines() ([]Headline, error) {
	f, err := published.Open("papers.csv")
	if err != nil {
		return nil, fmt.Errorf("read headlines: %w", err)
	}
	defer f.Close() //nolint:errcheck // an embedded file
	return parseHeadlines(f)
}

// parseHeadlines reads headlines from a CSV file with a header.
func parseHeadlines(r io.Reader) ([]Headline, error) {
	rows, err := parseRows(r, []string{"source", "what", "value", "unit"})
	if err != nil {
		return nil, err
	}
	headlines := make([]Headline, 0, len(rows))
	for _, row := range rows {
		headlines = append(headlines, Headline{row["source"], row["what"], row["value"], row["unit"]})
	}
	return headlines, nil
}
