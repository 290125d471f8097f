package kernel

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRebase(t *testing.T) {
	s := Spec{Source: "linux-6.12", Image: "../bzImage"}
	s.Rebase("/lab/scenarios")
	assert.Equal(t, Spec{Source: "/lab/scenarios/linux-6.12", Image: "/lab/bzImage"}, s)
	s.Rebase("/elsewhere")
	assert.Equal(t, "/lab/bzImage", s.Image, "a path from the root stays")
	var none Spec
	none.Rebase("/lab")
	assert.Equal(t, Spec{}, none, "what is left out stays out")
}
