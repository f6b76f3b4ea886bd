# One virtual environment per Python version, made from hash-pinned requirements. `make help` lists the targets.

PYTHON ?= python3
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
VENV := .venv/$(VERSION)
DEMO_VENV := .venv/demo-$(VERSION)
EMPTY_VENV := .venv/runtime-$(VERSION)
LOWEST_VENV := .venv/lowest-$(VERSION)
LOWEST_TESTS := $(addprefix tests/,base bulk calls cli client customfields generated paging plugin recording resources sandbox transport)
# Left out: what needs the tools of development, and how typer before 0.27.3 lays out the exit codes of the help.
LOWEST_LEFT_OUT := --ignore=tests/generated/test_templates.py --ignore=tests/customfields/test_module_types.py --ignore=tests/recording/test_docs.py \
  --ignore=tests/recording/test_spec_drift.py --deselect=tests/cli/test_help.py::test_examples_and_codes_keep_their_lines \
  --deselect=tests/generated/test_package.py::test_the_templates_are_for_the_pinned_generator
BIN := $(VENV)/bin
PYTHONS ?= 3.11 3.12 3.13
# Begins `make test`: where an adopted document contradicts what the client writes, this test alone fails, and says where.
ADMITTED := tests/resources/test_wire_keys.py::test_the_document_admits_every_body_that_the_client_writes
# A test that hangs ends its process with the stacks of all threads, in place of a run that never ends.
STUCK := -o faulthandler_timeout=420 -o faulthandler_exit_on_timeout=true
PIP := -m pip install --quiet --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
.PHONY: help demo test contradictions test-all lint typecheck suite wheel lowest release-check dists audit sbom baseline soak mutants generate check-generated fetch-spec spec-drift vendor bench lock clean check-python errors-page docs

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */\1|/' | awk -F'|' '{printf "  make %-17s %s\n", $$1, $$2}'

check-python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11 ..."; exit 1; }

demo: $(DEMO_VENV)/.done  ## Import 1,200 invented customers into the embedded sandbox, read, update and delete
	@PYTHONPATH=.:overrides $(DEMO_VENV)/bin/python examples/demo.py

test: contradictions lint typecheck suite release-check check-generated  ## Everything that CI checks, on the Python that is there

contradictions: wheel
	$(BIN)/python -P -m pytest -q $(ADMITTED)

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

typecheck: wheel  ## mypy and pyright, both strict; every public name of the wheel has a type
	$(BIN)/mypy
	MYPYPATH=overrides:tools:examples/fastapi_service $(BIN)/mypy tests/typing tools examples benchmarks
	$(BIN)/python tools/node.py pyright --pythonpath $(BIN)/python
	$(BIN)/python tools/verify_types.py

suite: wheel $(EMPTY_VENV)/.done  ## The tests, on the built wheel
	$(BIN)/python -P -m pytest -n auto --dist worksteal $(STUCK) $(ARGS)

wheel: $(VENV)/.done
	@rm -rf dist
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist . >/dev/null 2>&1 || { $(BIN)/python -m build --wheel --no-isolation --outdir dist .; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-index --force-reinstall dist/*.whl

lowest: wheel $(LOWEST_VENV)/.done  ## The tests of the packages, with the lowest versions of their dependencies
	@$(LOWEST_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-index --force-reinstall dist/*.whl
	$(LOWEST_VENV)/bin/python -P -m pytest -n auto --dist worksteal -W "ignore:'click:DeprecationWarning" $(LOWEST_LEFT_OUT) $(LOWEST_TESTS) $(ARGS)

release-check: wheel $(EMPTY_VENV)/.done  ## Build and try what a release would upload; what has changed since the last one
	@$(BIN)/python tools/release_check.py $(EMPTY_VENV)/bin/python

dists: wheel  ## The files of a release, in dist/release
	@$(BIN)/python -m build --no-isolation --outdir dist/release . >/dev/null
	@ls dist/release

audit: $(VENV)/.done  ## Known vulnerabilities of the pinned dependencies; needs the network
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements/runtime.txt -r requirements/demo.txt

sbom: $(VENV)/.done  ## Write the list of parts that the wheel carries, sbom.cdx.json, anew
	$(BIN)/python tools/sbom.py

baseline: $(VENV)/.done  ## Right after a release: make its API the one that the next release is compared with
	$(BIN)/python tools/public_api.py --write

soak: wheel  ## Long runs of faults, cancellation and load
	$(BIN)/python -P -m pytest -o python_files='soak_*.py' -s tests/soak $(ARGS)

mutants: wheel  ## Change the pure modules in small ways; every change must be noticed by their tests
	$(BIN)/python tools/mutants.py

docs: wheel  ## Build the documentation site, with the API document in Redoc, and open it
	@$(BIN)/python tools/build_docs.py

generate: $(VENV)/.done  ## Build openapi/customers.yaml and timify_customers_client/ anew
	$(BIN)/python tools/generate.py

check-generated: $(VENV)/.done  ## Fail when a new build would differ from what is committed
	$(BIN)/python tools/generate.py --check

errors-page: $(VENV)/.done  ## Write docs/errors.md, the list of all errors, anew
	PYTHONPATH=overrides:. $(BIN)/python tools/errors_page.py

fetch-spec: $(VENV)/.done  ## Download the published document, adopt it and make the client anew: make fetch-spec URL=...
	$(BIN)/python tools/fetch_spec.py $(if $(REPORT),--report '$(REPORT)') $(if $(URL),'$(URL)')

spec-drift: $(VENV)/.done  ## Hold recorded traffic against the document: make spec-drift TRAFFIC=traffic.har
	@test -n '$(TRAFFIC)' || { echo "Name a recording: make spec-drift TRAFFIC=traffic.har"; exit 1; }
	@$(BIN)/python tools/spec_drift.py '$(TRAFFIC)'

vendor: $(VENV)/.done  ## Copy both packages into another project: make vendor DEST=../service/_vendor ARGS=--minimal
	@test -n '$(DEST)' || { echo "Name a folder: make vendor DEST=../service/src/service/_vendor"; exit 1; }
	@PYTHONPATH=overrides:. $(BIN)/python -P -m timify_customers vendor '$(DEST)' $(ARGS)

bench: wheel  ## Ratios against other ways to do the same work: tables, benchmarks/results.json, docs/charts
	@for name in imports calls decode memory paging customfields bulk workers; do \
	  $(BIN)/python -P benchmarks/$$name.py --json benchmarks/results.json || echo "$$name: a bar is missed, see above"; \
	done
	@$(BIN)/python -P benchmarks/charts.py

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

$(LOWEST_VENV)/.done: requirements/lowest.txt | check-python
	@echo "Setting up $(LOWEST_VENV) (once)"
	@$(PYTHON) -m venv --clear $(LOWEST_VENV)
	@$(LOWEST_VENV)/bin/python $(PIP) -r requirements/lowest.txt
	@touch $@

$(DEMO_VENV)/.done: requirements/demo.txt | check-python
	@echo "Setting up $(DEMO_VENV) (once)"
	@$(PYTHON) -m venv --clear $(DEMO_VENV)
	@$(DEMO_VENV)/bin/python $(PIP) -r requirements/demo.txt
	@touch $@
