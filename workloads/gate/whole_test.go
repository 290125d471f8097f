package gate

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhole(t *testing.T) {
	stopped := false
	run := Whole(func(context.Context, Window) (any, bool) { return "answer", stopped })
	answer, err := run(t.Context(), Window{Begin: 1, End: 2})
	require.NoError(t, err)
	assert.Equal(t, "answer", answer)
	_, err = run(t.Context(), Window{Begin: 2, End: 2})
	require.EqualError(t, err, "the measured window is 0 s long")
	stopped = true
	_, err = run(t.Context(), Window{Begin: 1, End: 2})
	require.EqualError(t, err, "stopped before the end of the window")
}
