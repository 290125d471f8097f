# czbench: colocation experiments. "make help" lists the targets.

SCENARIO ?= scenarios/redis-avx.hcl
ARGS     ?=
GO       := scripts/go
# A checkout that git cannot read, such as one of another user, is built without
# its commit.
BUILDVCS := $(shell git status >/dev/null 2>&1 || echo -buildvcs=false)

export CGO_ENABLED := 0

.PHONY: run build test kernels lint generate gallery setup help clean

run: setup-run build ## Install what is missing, build, and run SCENARIO with ARGS
	scripts/run $(SCENARIO) $(ARGS)

build: ## Build the static binary bin/czbench
	$(GO) build -trimpath $(BUILDVCS) -o bin/czbench ./cmd/czbench

# Packages are tested one after another: many tests measure, or pin processes to
# the same CPUs.
test: setup-test test-kernel ## Install what the tests use and run all of them
	$(GO) build ./...
	$(GO) test -p 1 -timeout 15m ./...

# The guest tests boot this kernel. Where it is in the cache, nothing is installed
# or built; where a machine cannot build it (status 5), they skip themselves.
.PHONY: test-kernel
test-kernel: build
	@bin/czbench kernel show hz1000 >/dev/null 2>&1 || scripts/setup kernels || [ $$? -eq 5 ]
	@bin/czbench kernel build --hz 1000 || [ $$? -eq 5 ]

kernels: setup-kernels build ## Build the zone kernels of the shipped scenarios
	bin/czbench kernel build --hz 1000
	bin/czbench kernel build --hz 250

lint: setup-run ## Check style, import rules, arm64, go.mod and generated files
	scripts/lint

generate: setup-generate ## Write the generated files anew
	$(GO) generate ./...

gallery: ## Draw the figures of docs/gallery.md anew; scripts/gallery-runs makes its runs
	$(GO) test ./cmd/czbench -run '^TestGallery$$' -count 1 -args -update

setup: setup-test ## Install with apt what running and testing need
	@:

.PHONY: setup-run setup-test setup-kernels setup-generate
setup-run setup-test setup-kernels setup-generate: setup-%:
	@scripts/setup $*

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14

clean: ## Remove what was built and fetched; results stay
	rm -rf bin .tools
