package quantity_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

func TestMargin(t *testing.T) {
	assert.Equal(t, "2 %", quantity.Margin(results.Metric{Unit: "s", Scale: results.Ratio}, 0.02))
	assert.Equal(t, "2.0 pp", quantity.Margin(results.Metric{Unit: "1", Scale: results.Difference}, 0.02))
	assert.Equal(t, "20.0 ms", quantity.Margin(results.Metric{Unit: "s", Scale: results.Difference}, 0.02))
}
