package tabular

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzReadCSV holds the fast parser against encoding/csv: both take the same
// files and find the same in them.
func FuzzReadCSV(f *testing.F) {
	for _, seed := range []string{
		"a,1\nb,2\n", "a,1\r\nb,2\r\n\r\n", "a,1\nb\n", " a , 1\nb,2.5e3", "a,1\n\"b\",2\n", "a,\nb,nan\n", "a\t1,2\n", "a,1\r\rb,2\n",
		"a,1\nb,2\na,1234567\nb,12345678\na,0000001\na,12\r\nb,7\r\r\nb,3\n", "cpu-idle,1\nsched-ext-long,2\ncpu-idle,10\nsched-ext-long,20\ncpu-idlf,3\n",
		"a,1\na,1:2\nb,000000000\n", "a,1\na,2/\nb,000000000\n", "a,1\na,\xff12\nb,000000000\n", "é,00012\nb,9999999999\n", "a,1048575\nb,1048576\na,-1\n", "a,1,2\n", ",\n", "\r", "a,1\nb,2\r",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, rows string) {
		l := layout{file: "x.csv", delim: ',', columns: []string{"group", "value"}, value: 1, block: -1}
		parts, err := readPlain(t.Context(), l, strings.NewReader(rows), 2)
		slow := &groups{}
		slowErr := readQuoted(t.Context(), l, 2, strings.NewReader(rows), func(f fields, line int64) error {
			return slow.add(f.group, f.value, line)
		})
		if slowErr != nil {
			require.Error(t, err)
			assert.Equal(t, slowErr.Error(), err.Error())
			return
		}
		require.NoError(t, err)
		want, err := total("x.csv", []*groups{slow})
		require.NoError(t, err)
		got, err := total("x.csv", parts)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	})
}

// FuzzReadTable reads whole files: whatever is in them, they are read or refused
// with their name.
func FuzzReadTable(f *testing.F) {
	for _, seed := range []string{
		"group,value\na,1\nb,2\n", "group;value;block\na;1;x\nb;2;x\n", "\xef\xbb\xbfvalue\tgroup\n1\ta\n2\tb", "\"group\",\"value\"\n\"a\n\",1\nb,2\n", "1,2\n3,4\n", "group\n", "\xff\xfe",
	} {
		f.Add(seed, "")
	}
	f.Add("group,value,night\na,1,1\nb,2,1\n", "night")
	f.Fuzz(func(t *testing.T, text, pair string) {
		table, err := ReadCSV(t.Context(), strings.NewReader(text), CSVOptions{Name: "x.csv", Pair: pair})
		if err != nil {
			require.ErrorContains(t, err, "x.csv")
			return
		}
		require.GreaterOrEqual(t, len(table.Groups), 2)
	})
}
