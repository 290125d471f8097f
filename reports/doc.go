// Package reports turns an analysis into what people read: the table on the
// terminal, the HTML page, figures for papers and tables for other programs. It
// decides how results look and are worded; every number comes from the analysis,
// and all of it from the run folder alone, so that the same folder gives the same
// bytes anywhere.
package reports
