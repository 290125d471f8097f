package tabular

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis/stats"
)

func read(t *testing.T, text string, pair string) (*Table, error) {
	t.Helper()
	return ReadCSV(t.Context(), strings.NewReader(text), CSVOptions{Name: "x.csv", Pair: pair})
}

func TestReadCSVForms(t *testing.T) {
	tests := map[string]string{
		"plain":           "group,value\na,1\na,2.5\nb,-3e2\n",
		"no last newline": "group,value\na,1\na,2.5\nb,-3e2",
		"CRLF":            "group,value\r\na,1\r\na,2.5\r\nb,-3e2\r\n",
		"mark":            "\xef\xbb\xbfgroup,value\na,1\na,2.5\nb,-3e2\n",
		"any case":        "GROUP,Value\na,1\na,2.5\nb,-3e2\n",
		"semicolons":      "group;value\na;1\na;2.5\nb;-3e2\n",
		"tabs":            "group\tvalue\na\t1\na\t2.5\nb\t-3e2\n",
		"other order":     "value,group\n1,a\n2.5,a\n-3e2,b\n",
		"quotes":          "\"group\",value\n\"a\",1\na,\"2.5\"\nb,-3e2\n",
		"late quote":      "group,value\na,1\na,2.5\n\"b\",-3e2\n",
		"space":           " group , value \n a , 1\na,\t2.5\nb ,-3e2 \n",
		"empty lines":     "\n\ngroup,value\n\na,1\n\r\na,2.5\nb,-3e2\n\n",
		"other columns":   "when,group,value,who\nx,a,1,\n,a,2.5,y\n,b,-3e2,\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			table, err := read(t, text, "")
			require.NoError(t, err)
			assert.Equal(t, []string{"a", "b"}, table.Groups)
			require.Len(t, table.samples, 2)
			assert.Equal(t, stats.Counts{Values: []float64{1, 2.5}, Times: []int64{1, 1}}, table.samples[0].counts)
			assert.Equal(t, stats.Counts{Values: []float64{-300}, Times: []int64{1}}, table.samples[1].counts)
			assert.Empty(t, table.Pair)
		})
	}
}

func TestReadCSVNamesWhatItIgnores(t *testing.T) {
	table, err := read(t, "when,group,value,who\nx,a,1,\n,b,2,\n", "")
	require.NoError(t, err)
	assert.Equal(t, []string{"when", "who"}, table.Ignored)
}

func TestReadCSVBlocks(t *testing.T) {
	for name, pair := range map[string]string{"by itself": "", "asked for": "BLOCK"} {
		t.Run(name, func(t *testing.T) {
			table, err := read(t, "group,value,block\na,1,7\nb,2,7\nb,4,9\na,\"3\",9\n", pair)
			require.NoError(t, err)
			assert.Equal(t, "block", table.Pair)
			assert.Equal(t, []string{"a", "b"}, table.Groups)
			assert.Equal(t, []int{7, 9}, table.blocks.ids())
			assert.InDelta(t, 3, table.blocks.values["a"]["9"].value, 0)
		})
	}
	table, err := read(t, "group,value,block,night\na,1,x,mon\nb,2,x,mon\na,1,x,tue\n", "night")
	require.NoError(t, err)
	assert.Equal(t, "night", table.Pair)
	assert.Equal(t, []int{1, 2}, table.blocks.ids(), "names that are no numbers are counted")
	assert.Equal(t, []string{"block"}, table.Ignored)
}

func TestReadCSVErrors(t *testing.T) {
	tests := []struct{ name, text, pair, want string }{
		{"empty", "", "", "x.csv: the file is empty: it needs a line that names the columns, such as group,value, and rows below it"},
		{"only a mark", "\xef\xbb\xbf\n", "", "x.csv: the file is empty"},
		{"only a header", "group,value\n", "", "x.csv: there are no rows below the first line"},
		{"no header", "a,1\nb,2\n", "", "x.csv:1: the first line holds data (1 is a number): write the names of the columns above it, such as group,value"},
		{"no value", "group,time\na,1\n", "", `x.csv:1: there is no column "value"`},
		{"neither", "g,v\na,1\n", "", `x.csv:1: there is no column "group"`},
		{"no pair", "group,value\na,1\n", "night", `x.csv:1: there is no column "night"`},
		{"pair is group", "group,value\na,1\n", "Group", `x.csv:1: the rows cannot be paired by the column "group"`},
		{"two columns", "group,value,Value\na,1,2\n", "", `x.csv:1: there are two columns "value": rename one of them`},
		{"one group", "group,value\na,1\na,2\n", "", `x.csv: all rows are of the group "a": there is nothing to compare it with`},
		{"short row", "group,value\na,1\nb\n", "", "x.csv:3: the row has another number of fields than the first line, 1 instead of 2: fill it up"},
		{"long row", "group,value\na,1\nb,2,3\n", "", "x.csv:3: the row has another number of fields than the first line, 3 instead of 2"},
		{"short quoted row", "group,value\n\"a\",1\nb\n", "", "x.csv:3: the row has another number of fields than the first line, 1 instead of 2"},
		{"empty value", "group,value\na,1\nb,\n", "", "x.csv:3: the value is empty: write a number or leave the row out"},
		{"empty group", "group,value\na,1\n ,2\n", "", "x.csv:3: the group is empty"},
		{"empty block", "group,value,block\na,1,1\nb,2,\n", "", "x.csv:3: the block is empty"},
		{"NaN", "group,value\na,nan\n", "", "x.csv:2: the value is not a finite number"},
		{"NA", "group,value\na,NA\n", "", "x.csv:2: the value is not a finite number"},
		{"infinity", "group,value\na,-Inf\n", "", "x.csv:2: the value is not a finite number"},
		{"too large", "group,value\na,1e999\n", "", "x.csv:2: the value is not a finite number"},
		{"unit", "group,value\na,12ms\n", "", "x.csv:2: the value is not a number: write one such as 12.5 or 3e-6, without a unit"},
		{"decimal comma", "group;value\na;1,5\n", "", "x.csv:2: the value has a decimal comma: write a decimal point"},
		{"twice", "group,value,block\na,1,x\nb,1,x\na,2,x\n", "", `x.csv:4: the group "a" has a value in block "x" already, in line 2`},
		{"stray quote", "group,value\na,1\nb\"c,2\n", "", "x.csv:3: bare \" in non-quoted-field: quote the whole field, and write a quote inside it twice"},
		{"open quote", "group,value\na,1\n\"b,2\n", "", "x.csv:3: extraneous or missing \" in quoted-field"},
		{"UTF-16", "\xff\xfeg\x00r\x00", "", "x.csv:1: this is not UTF-8 text"},
		{"Latin-1", "group,value\nM\xfcll,1\nb,2\n", "", "x.csv:2: the group is not UTF-8 text"},
		{"binary", "group\x00,value\n", "", "x.csv:1: this is not UTF-8 text"},
		{"endless header", strings.Repeat("x", longestLine+1), "", "x.csv:1: the first line is longer than"},
		{"endless row", "group,value\na,1\nb," + strings.Repeat("1", longestLine), "", "x.csv:3: the line is longer than"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := read(t, test.text, test.pair)
			assert.ErrorContains(t, err, test.want)
		})
	}
}

func TestUnknownColumnKnowsTheOthers(t *testing.T) {
	_, err := read(t, "group,value,night\na,1,1\n", "nigth")
	var unknown *UnknownError
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, []string{"group", "value", "night"}, unknown.Known)
}

// A file of several chunks gives what a small one does, and the lowest faulty
// line is named, whoever finds it.
func TestReadCSVChunks(t *testing.T) {
	const rows = 200_000
	var b strings.Builder
	b.WriteString("group,value\n")
	want := map[float64]int64{}
	for i := range rows {
		v := float64(i % 1000)
		if i%3 == 0 {
			v += 0.25
		}
		want[v]++
		fmt.Fprintf(&b, "%s,%v\n", []string{"a", "b", "c"}[i%3], v)
	}
	text := b.String()
	require.Greater(t, len(text), 4*chunkSize)
	sum := func(t *testing.T, text string) map[float64]int64 {
		table, err := read(t, text, "")
		require.NoError(t, err)
		require.Equal(t, []string{"a", "b", "c"}, table.Groups)
		got := map[float64]int64{}
		for _, s := range table.samples {
			for i, v := range s.counts.Values {
				got[v] += s.counts.Times[i]
			}
		}
		return got
	}
	t.Run("plain", func(t *testing.T) { assert.Equal(t, want, sum(t, text)) })
	t.Run("quote in the middle", func(t *testing.T) {
		k := strings.Index(text[len(text)/2:], "\nb,") + len(text)/2 + 1
		assert.Equal(t, want, sum(t, text[:k]+`"b"`+text[k+1:]))
	})
	t.Run("two faults", func(t *testing.T) {
		lines := strings.SplitAfter(text, "\n")
		lines[150_000], lines[60_000] = "a,x\n", "b\n"
		_, err := read(t, strings.Join(lines, ""), "")
		assert.ErrorContains(t, err, "x.csv:60001: the row has another number of fields than the first line, 1 instead of 2")
	})
	t.Run("fault behind a quote", func(t *testing.T) {
		lines := strings.SplitAfter(text, "\n")
		lines[60_000], lines[150_000] = "\"a\nb\",1\n", "a,x\n"
		_, err := read(t, strings.Join(lines, ""), "")
		assert.ErrorContains(t, err, "x.csv:150002: the value is not a number")
	})
}

func TestReadCSVLimits(t *testing.T) {
	var groups, blocks strings.Builder
	groups.WriteString("group,value\n")
	blocks.WriteString("group,value,block\n")
	for i := range mostGroups + 1 {
		fmt.Fprintf(&groups, "g%d,1\n", i)
		fmt.Fprintf(&blocks, "a,1,%d\n", i)
	}
	_, err := read(t, groups.String(), "")
	require.ErrorContains(t, err, "there are more than 1000 groups: does the column group name what is compared?")
	_, err = read(t, blocks.String(), "")
	assert.ErrorContains(t, err, "x.csv:1002: there are more than 1000 blocks")
}

func TestReadCSVPassesOnFaultsOfTheReader(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, text := range []string{"", "group,value\n", "group,value\na,1\n\"b\",2\n", "group,value,block\na,1,1\n"} {
		_, err := ReadCSV(t.Context(), &failing{text: text, err: broken}, CSVOptions{Name: "x.csv"})
		require.ErrorIs(t, err, broken)
		assert.ErrorContains(t, err, "read x.csv")
	}
}

// failing gives a text and then an error.
type failing struct {
	text string
	err  error
}

func (f *failing) Read(p []byte) (int, error) {
	if f.text == "" {
		return 0, f.err
	}
	n := copy(p, f.text)
	f.text = f.text[n:]
	return n, nil
}
