package kvload

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDefaultIsSound(t *testing.T) {
	assert.Empty(t, Default().Check())
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		field  string
		says   string
	}{
		"network":     {func(c *Config) { c.Network = "udp" }, "network", `write "tcp" or "unix"`},
		"threads":     {func(c *Config) { c.Threads = 0 }, "threads", "write 1 to 256"},
		"clients":     {func(c *Config) { c.Clients = 20000 }, "clients", "write 1 to 10000"},
		"pipeline":    {func(c *Config) { c.Pipeline = -1 }, "pipeline", "write 1 to 10000"},
		"data_size":   {func(c *Config) { c.DataSize = 0 }, "data_size", "0 is out of range"},
		"keys":        {func(c *Config) { c.KeyMin, c.KeyMax = 5, 4 }, "key_maximum", "write 5 to"},
		"requests":    {func(c *Config) { c.Requests = -1 }, "requests", "-1 is out of range"},
		"ratio":       {func(c *Config) { c.Ratio = "1-10" }, "ratio", `such as "1:10"`},
		"ratio zero":  {func(c *Config) { c.Ratio = "0:0" }, "ratio", `such as "1:10"`},
		"ratio extra": {func(c *Config) { c.Ratio = "1:2:3" }, "ratio", `such as "1:10"`},
		"pattern":     {func(c *Config) { c.KeyPattern = "R:G" }, "key_pattern", `such as "R:R"`},
		"rate":        {func(c *Config) { c.Rate = -5 }, "rate", "write requests a second"},
		"arrivals":    {func(c *Config) { c.Rate, c.Arrivals = 5, "bursty" }, "arrivals", `write "poisson" or "uniform"`},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Default()
			c.change(&cfg)
			found := cfg.Check()
			require.Len(t, found, 1)
			assert.Equal(t, c.field, found[0].Field)
			assert.Contains(t, found[0].Error(), c.says)
			_, err := Connect(t.Context(), cfg)
			var bad *FieldError
			require.ErrorAs(t, err, &bad, "a bad configuration opens no connection")
		})
	}
}

func TestConfigSurvivesJSON(t *testing.T) {
	want := Default()
	want.Rate, want.Seed, want.Network = 1234.5, 1<<63, "unix"
	data, err := json.Marshal(want)
	require.NoError(t, err)
	var got Config
	require.NoError(t, json.Unmarshal(data, &got))
	assert.Equal(t, want, got)
}
