# The two commands that matter are `make run` and `make test`; both set up .venv first, and again when requirements change.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test check fuzz bench format lint types openapi doctor clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run.stamp  ## Run everything on this machine; ARGS="--port 5001" and the like are passed on
	@exec $(BIN)/flask --app wsgi up $(ARGS)

test: .venv/dev.stamp  ## Run all tests on real servers; ARGS="tests/kit -x" and the like are passed on
	@exec $(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: lint types test openapi  ## The gate: format, lint, types, contracts, tests, OpenAPI

fuzz: .venv/dev.stamp  ## Attack the API with Schemathesis, every check on; ARGS="--max-examples 200" and the like
	@exec $(BIN)/python -m tests.contract.fuzz $(ARGS)

bench: .venv/dev.stamp  ## List the measured claims; ARGS=NAME measures one
	@exec $(BIN)/python -m bench $(ARGS)

format: .venv/dev.stamp  ## Format the code, and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: .venv/dev.stamp  ## Format and lint, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --config setup.cfg

types: .venv/dev.stamp  ## Type check
	$(BIN)/mypy

openapi: .venv/dev.stamp  ## Check the API's description
	$(BIN)/flask --app wsgi openapi write --format=json - | $(BIN)/openapi-spec-validator -

doctor: .venv/run.stamp  ## Look at everything this installation needs
	@exec $(BIN)/flask --app wsgi doctor

clean:  ## Forget .venv; the data in instance/ stay
	rm -rf .venv

.venv/run.stamp: requirements.txt | .venv/bin/python
	@echo "Installing into .venv, about a minute …"
	@$(PIP) install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.txt
	@$(PIP) install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Debian splits venv from its pip: without the package python3-venv, any pip on the machine may fill the .venv from outside.
PIP = $$($(BIN)/python -m pip --version >/dev/null 2>&1 && echo $(BIN)/python -m pip || echo $(PYTHON) -m pip --python $(BIN)/python)

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: install it, or name one with PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; $(PYTHON) is older. Name another with PYTHON=…"; exit 1; }
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 || { $(PYTHON) -m pip --version >/dev/null 2>&1 && $(PYTHON) -m venv --clear --without-pip .venv; } \
	  || { rm -rf .venv; echo "Python can't make a .venv here: apt-get install python3-venv (or python3-pip), then again."; exit 1; }
