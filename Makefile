# The two commands that matter: `make demo` shows Weir at work, `make test` proves it. Both need root (network
# namespaces, iptables), a Swift toolchain and Debian; neither asks a question or needs a terminal.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

SWIFT ?= swift
PYTHON ?= python3
SOURCES := Package.swift Sources Tests
# Given to the test runner, to run a part: make test FILTER='--filter RoutingTests'
FILTER ?=

.PHONY: help deps tools manifests build demo demo-stop test bench format lint fuzz clean
.DEFAULT_GOAL := help

help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

deps: ## Install the Debian packages (nothing when they are there)
	@./scripts/install-deps.sh

tools: deps ## Install what the tests of the deployment use into .tools (Helm's engine, kubectl)
	@./scripts/install-tools.sh

manifests: tools ## Render the chart to deploy/kubernetes/weir.yaml
	.tools/bin/python deploy/render.py

build: deps ## Build .build/release/weir, with the Swift library inside
	$(SWIFT) build -c release --static-swift-stdlib --product weir

demo: build ## Show Weir at work; KEEP=1 leaves it running
	$(PYTHON) demo/run.py $(if $(KEEP),--keep)

demo-stop: ## Remove what `make demo KEEP=1` left running
	$(PYTHON) demo/run.py --stop

# One release build, which the end-to-end ring and the demo drive; one debug build for the tests themselves.
test: build tools ## Install, build, pass every ring of tests
	$(SWIFT) build --build-tests
	WEIR_BINARY=$(CURDIR)/.build/release/weir KUBECTL=$(CURDIR)/.tools/bin/kubectl $(SWIFT) test --skip-build $(FILTER) 2>&1 | awk -f scripts/failures-last.awk
	$(PYTHON) -m unittest discover -s Tests/Benchmarks
	$(PYTHON) -m unittest discover -s demo
	$(PYTHON) -m unittest discover -s scripts/tests
	.tools/bin/python -m unittest discover -s deploy/tests
	$(PYTHON) demo/run.py
	@echo "make test: every ring passed"

bench: build ## Measure Weir against its peers, write docs/benchmarks.md
	$(SWIFT) build -c release --product test-apiserver
	$(PYTHON) Tests/Benchmarks/run.py

format: ## Rewrite the Swift files in the house's format
	$(SWIFT) format format --in-place --recursive --parallel $(SOURCES)

lint: ## Fail when a Swift file is not in the house format, a comment is too wide, or a link in the docs leads nowhere
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)
	$(PYTHON) scripts/check_links.py
	$(PYTHON) scripts/check_comments.py

fuzz: deps ## Run the fuzz targets on their committed seeds
	$(SWIFT) test --filter 'Fuzz'

clean: ## Remove what was built
	rm -rf .build
