# One virtual environment per Python version, made from hash-pinned requirements. `make help` lists the targets.

PYTHON ?= python3
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
VENV := .venv/$(VERSION)
DEMO_VENV := .venv/demo-$(VERSION)
EMPTY_VENV := .venv/runtime-$(VERSION)
BIN := $(VENV)/bin
PYTHONS ?= 3.11 3.12 3.13
PIP := -m pip install --quiet --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
.PHONY: help demo test test-all lint typecheck suite wheel install-check soak mutants generate check-generated fetch-spec spec-drift bench lock clean check-python

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */\1|/' | awk -F'|' '{printf "  make %-17s %s\n", $$1, $$2}'

check-python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11 ..."; exit 1; }

demo: $(DEMO_VENV)/.done  ## Import 1,200 invented customers into the embedded sandbox, read, update and delete
	@PYTHONPATH=.:overrides $(DEMO_VENV)/bin/python examples/demo.py

test: lint typecheck suite install-check check-generated  ## Everything that CI checks, on the Python that is there

test-all: | check-python  ## The same on every supported Python: make test-all PYTHONS="3.11 3.12"
	@for version in $(PYTHONS); do \
	  python=$$($(PYTHON) tools/find_python.py $$version) || exit 1; \
	  echo "== Python $$version"; $(MAKE) test PYTHON=$$python || exit 1; \
	done

lint: $(VENV)/.done  ## ruff; import-linter: imports run one way; zizmor: workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYTHONPATH=overrides:. $(BIN)/lint-imports --no-cache
	$(BIN)/zizmor --offline --quiet .github/workflows

typecheck: $(VENV)/.done  ## mypy and pyright, both strict
	$(BIN)/mypy
	MYPYPATH=overrides:tools $(BIN)/mypy tests/typing tools examples benchmarks
	$(BIN)/python tools/node.py pyright --pythonpath $(BIN)/python

suite: wheel  ## The tests, on the built wheel
	$(BIN)/python -P -m pytest -n auto --dist worksteal $(ARGS)

wheel: $(VENV)/.done
	@rm -rf dist
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist . >/dev/null 2>&1 || { $(BIN)/python -m build --wheel --no-isolation --outdir dist .; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-index --force-reinstall dist/*.whl

install-check: wheel $(EMPTY_VENV)/.done  ## The wheel in an environment with its runtime dependencies alone
	@$(EMPTY_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-index --force-reinstall dist/*.whl
	@$(EMPTY_VENV)/bin/python -m pip --disable-pip-version-check check
	@$(EMPTY_VENV)/bin/python -P -W error -c 'import timify_customers, timify_customers_client; print("both packages import")'

soak: wheel  ## Long runs of faults, cancellation and load
	$(BIN)/python -P -m pytest -o python_files='soak_*.py' -s tests/soak $(ARGS)

mutants: wheel  ## Change the pure modules in small ways; every change must be noticed by their tests
	$(BIN)/python tools/mutants.py

generate: $(VENV)/.done  ## Build openapi/customers.yaml and timify_customers_client/ anew
	$(BIN)/python tools/generate.py

check-generated: $(VENV)/.done  ## Fail when a new build would differ from what is committed
	$(BIN)/python tools/generate.py --check

fetch-spec: $(VENV)/.done  ## Download the published document, adopt it and make the client anew: make fetch-spec URL=...
	$(BIN)/python tools/fetch_spec.py $(if $(REPORT),--report '$(REPORT)') $(if $(URL),'$(URL)')

spec-drift: $(VENV)/.done  ## Hold recorded traffic against the document: make spec-drift TRAFFIC=traffic.har
	@test -n '$(TRAFFIC)' || { echo "Name a recording: make spec-drift TRAFFIC=traffic.har"; exit 1; }
	@$(BIN)/python tools/spec_drift.py '$(TRAFFIC)'

bench: wheel  ## Ratios against other ways to do the same work
	$(BIN)/python -P benchmarks/calls.py
	$(BIN)/python -P benchmarks/decode.py
	$(BIN)/python -P benchmarks/customfields.py
	$(BIN)/python -P benchmarks/paging.py
	$(BIN)/python -P benchmarks/bulk.py
	$(BIN)/python -P benchmarks/workers.py

lock: $(VENV)/.done  ## Pin the newest dependencies, with hashes
	$(BIN)/python tools/lock.py

clean:  ## Remove everything that was built or installed
	rm -rf .venv .work build dist tools/node/node_modules

$(VENV)/.done: requirements/dev.txt | check-python
	@echo "Setting up $(VENV) (once)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python $(PIP) -r requirements/dev.txt
	@touch $@

$(EMPTY_VENV)/.done: requirements/runtime.txt | check-python
	@$(PYTHON) -m venv --clear $(EMPTY_VENV)
	@$(EMPTY_VENV)/bin/python $(PIP) -r requirements/runtime.txt
	@touch $@

$(DEMO_VENV)/.done: requirements/demo.txt | check-python
	@echo "Setting up $(DEMO_VENV) (once)"
	@$(PYTHON) -m venv --clear $(DEMO_VENV)
	@$(DEMO_VENV)/bin/python $(PIP) -r requirements/demo.txt
	@touch $@
