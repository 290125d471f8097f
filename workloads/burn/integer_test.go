package burn

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/workloads/gate"
)

func TestIntegersIsXorshift(t *testing.T) {
	// The first number of the generator in G. Marsaglia, Xorshift RNGs, 2003.
	assert.Equal(t, uint64(8748534153485358512), Integers(1, newIntegers().x))
	assert.Equal(t, Integers(5, 1), Integers(3, Integers(2, 1)), "it goes on where it stopped")
}

func TestIntegersAreSlowerThanNothing(t *testing.T) {
	ns := IntegerCost()
	assert.Greater(t, ns, 0.2)
	assert.Less(t, ns, 100.0)
}

func TestIntegerLoopNeedsNoVectors(t *testing.T) {
	e, err := Start(Config{Integer: true, Width: 77, Precision: "half", Threads: 2})
	require.NoError(t, err, "what only vectors have does not matter")
	defer e.Close()
	now := gate.Now()
	r, err := e.Run(t.Context(), gate.Window{Start: now, Begin: now + 20e6, End: now + 120e6})
	require.NoError(t, err)
	assert.Zero(t, r.Width)
	assert.Zero(t, r.FLOPs)
	require.Len(t, r.Threads, 2)
	for _, thread := range r.Threads {
		assert.Positive(t, thread.Iterations)
		assert.LessOrEqual(t, thread.CPUSeconds, 0.11)
	}
	_, err = Start(Config{Integer: true})
	assert.EqualError(t, err, "0 threads: write 1 or more")
}
