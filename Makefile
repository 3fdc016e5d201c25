# Everything a person does with this repository. `make` alone lists it.
# It needs a Python from 3.11 on, make and a package registry; all else is installed into .venv and .venv-sam.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# The first Python that is new enough; PYTHON=... chooses another.
PYTHON ?= $(shell for candidate in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$candidate; break; }; done)
BIN := .venv/bin
UV := $(BIN)/uv
SAM := .venv-sam/bin
RIVALS := .venv-bench/bin
COMPILE := pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock"
export SAM_CLI_TELEMETRY := 0

.PHONY: help
help: ## List the commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r command text; do printf '%-14s %s\n' "$$command" "$$text"; done

# ---------------------------------------------------------------------------------------------------------------------
# Environments. The pins of the SAM CLI and the AWS CLI clash with the embedded cloud's, so they have one of their own. A stamp
# remembers what was installed: nothing is done again until a lock changes.
# ---------------------------------------------------------------------------------------------------------------------
.PHONY: setup
setup: .venv/.installed .venv-sam/.installed ## Install everything into .venv and .venv-sam (runs by itself when needed)

.venv/.installed: requirements/uv.txt requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found; name one with PYTHON=/path/to/python" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "== .venv: creating it with $(PYTHON)"; $(PYTHON) -m venv .venv; }
	@echo "== .venv: the installer (uv)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@echo "== .venv: the embedded cloud, the program's libraries and the test tools"
	@$(UV) pip install --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@echo "== .venv: this repository"
	@$(UV) pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv-sam/.installed: requirements/sam.txt | .venv/.installed
	@echo "== .venv-sam: the SAM CLI, the template linter and the AWS CLI"
	@test -x $(SAM)/python || $(BIN)/python -m venv --without-pip .venv-sam
	@$(UV) pip install --python $(SAM)/python --require-hashes -r requirements/sam.txt
	@touch $@

.venv-bench/.installed: requirements/bench.txt | .venv/.installed
	@echo "== .venv-bench: the programs that the benchmarks compare with"
	@test -x $(RIVALS)/python || $(BIN)/python -m venv --without-pip .venv-bench
	@$(UV) pip install --python $(RIVALS)/python --require-hashes -r requirements/bench.txt
	@touch $@

.venv-mutate/.installed: requirements/mutate.txt | .venv/.installed
	@echo "== .venv-mutate: mutmut and what the tests of rules import"
	@test -x .venv-mutate/bin/python || $(BIN)/python -m venv --without-pip .venv-mutate
	@$(UV) pip install --python .venv-mutate/bin/python --require-hashes -r requirements/mutate.txt
	@touch $@

# ---------------------------------------------------------------------------------------------------------------------
# Use
# ---------------------------------------------------------------------------------------------------------------------
.PHONY: demo
demo: setup ## Drop real files, see models trained, promoted, approved and refused on this machine; KEEP=1 leaves it running
	@$(BIN)/python -m governor_cli.demo $(if $(KEEP),--keep)

.PHONY: stop
stop: ## End what `make demo KEEP=1` left running
	@$(BIN)/python -m governor_local stop

# ---------------------------------------------------------------------------------------------------------------------
# Quality
# ---------------------------------------------------------------------------------------------------------------------
.PHONY: test
test: setup ## Run all tests: unit, contract, integration, conformance, end to end
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/unit tests/contract tests/integration tests/conformance
	$(BIN)/python -m pytest tests/e2e

.PHONY: check
check: style types imports template ## Check style, types, imports, the template and the state machine

.PHONY: style types imports template
style: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy
	$(BIN)/mypy functions tests benchmarks

imports: setup
	$(BIN)/lint-imports --no-logo

template: setup
	$(SAM)/cfn-lint template.yaml
	$(SAM)/sam validate --lint
	$(BIN)/python -m pytest -q tests/contract

.PHONY: format
format: setup ## Format the code and sort its imports
	$(BIN)/ruff check --fix-only --select I .
	$(BIN)/ruff format .

.PHONY: picture
picture: setup ## Draw the pictures in docs/ anew: the state machines, examples of status, timeline and report
	@$(BIN)/python -m docs.drawing
	@$(BIN)/python -m docs.status
	@$(BIN)/python -m docs.timeline
	@$(BIN)/python -m docs.report

.PHONY: bench
bench: .venv-bench/.installed ## Measure comprehend_local beside other programs; BENCH="classification --data DIR" chooses
	PYTHONPATH=.:layers:cli:local/comprehend $(RIVALS)/python -m benchmarks $(BENCH)

.PHONY: mutate
mutate: .venv-mutate/.installed ## Change the rules in thousands of ways and see which the tests notice; MODULE="batch turn" only some
	@.venv-mutate/bin/python -m tests.mutation $(MODULE)

.PHONY: pages
pages: setup ## Write what is generated in docs/ anew: tables of the local Comprehend, schemas of policy and report
	@$(BIN)/python -m docs.coverage
	@$(BIN)/python -m docs.settings
	@$(BIN)/python -m docs.policy_schema
	@$(BIN)/python -m docs.report_schema

.PHONY: lock
lock: setup ## Resolve all requirements anew and pin them with hashes
	cd requirements && for name in layer dev bench mutate uv sam; do ../$(UV) $(COMPILE) $(if $(UPGRADE),--upgrade) $$name.in -o $$name.txt; done

.PHONY: clean
clean: ## Remove environments, builds and caches
	rm -rf .venv .venv-sam .venv-bench .venv-mutate .mutation .aws-sam .local .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
