package scenarios

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/czbench/czbench/internal/config"
)

// LoadText is Load for a text that is in no file.
func LoadText(path string, text []byte, o Options) (*Scenario, hcl.Diagnostics) {
	return load([]source{{path: path, base: path, bytes: text}}, o, nil)
}

// Words returns every function, block and argument of the language itself.
func Words() []string {
	words := slices.Collect(maps.Keys(withCPUs(nil)))
	for _, schema := range []*hcl.BodySchema{
		rootSchema(), workloadSchema(), loadSchema(), strategySchema(), config.Schema(newPhaseSettings(), phaseSchema()),
		config.Schema(newVariableSettings(), variableSchema()), config.Schema(newScenarioSettings(), scenarioSchema()), config.Schema(newPrecisionSettings(), nil),
		config.Schema(newControlsSettings(), nil), config.Schema(newCollectSettings(), nil), config.Schema(newCompareSettings(), nil),
		config.Schema(newCapacitySettings(), capacitySchema()), config.Schema(newReportSettings(), reportSchema()), config.Schema(newFigureSettings(), nil),
	} {
		for _, a := range schema.Attributes {
			words = append(words, a.Name)
		}
		for _, b := range schema.Blocks {
			words = append(words, b.Type)
		}
	}
	return words
}
