package kvload

import (
	"context"
	"os"
	"testing"

	"github.com/czbench/czbench/workloads/gate"
)

// engineArg makes the test binary an engine, as the czbench binary is.
const engineArg = "engine"

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == engineArg {
		if err := Serve(context.Background(), gate.NewEngine(os.Stdin, os.Stdout)); err != nil {
			panic(err)
		}
		return
	}
	m.Run()
}
