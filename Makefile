# Two commands matter: `make run` and `make test`. Everything else is for those who change Qingdun.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PORT ?= 8000
DATA ?= ../shared/data
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check -q
BUILT := src/qingdun/console/static/built/.stamp
CATALOGUES := $(shell find src/qingdun -name '*.po')
FRONTEND := $(shell find frontend -type f -not -path '*/node_modules/*' 2>/dev/null)
NODE_IS_NEW := $(shell npm --version >/dev/null 2>&1 && node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p' | awk '$$1 >= 20')
# Consoles that the last three start choose a database of their own, so they are tried once, below. Long walks are
# made on PostgreSQL by `make test`, and so are the ledgers whose queries Django writes; `make test-all` tries all on both.
WALKS := tests/laws/test_scope.py tests/console/alerts/test_masking.py tests/console/bulletin
LEDGERS := $(addprefix tests/console/,assessment care cases command duty funds industry measures offers outreach sms \
	supervision visits whereabouts whistles) $(filter-out %/test_guarding.py %/test_at_once.py %/test_intake.py \
	%/test_ticking.py,$(wildcard tests/console/alerts/test_*.py))
ON_POSTGRES := tests/console tests/laws/test_scope.py $(addprefix --ignore tests/console/,test_serving.py test_faults.py test_migrating.py)

.PHONY: help install run test test-all spark check evaluate bench bench-desk docs lock clean frontend messages

help: ## Show these lines
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.run $(BUILT) messages ## Make .venv with the command `qingdun`, and start nothing

run: install ## Start a demo city, live, at http://127.0.0.1:8000; PORT=8100 for another port
	$(VENV)/bin/qingdun serve --demo --port $(PORT)

test: $(VENV)/.dev $(BUILT) messages ## Install what the tests need, then run all of them
	scripts/test-needs.sh
	$(PY) tests/postgres.py $(PY) -m pytest -q -n 2 --dist loadgroup $(ON_POSTGRES)
	$(PY) -m pytest -n 3 --dist loadfile $(addprefix --ignore ,$(WALKS) $(LEDGERS))

test-all: $(VENV)/.spark $(BUILT) messages ## The tests and the slow ones
	scripts/test-needs.sh spark
	$(PY) tests/postgres.py $(PY) -m pytest -q -n 2 --dist loadgroup -m "slow or not slow" $(ON_POSTGRES)
	$(PY) -m pytest -n 3 --dist loadfile -m "slow or not slow"

spark: $(VENV)/.spark ## Make .venv with the extra `spark` too; 450 MB, and Java from Debian
	scripts/test-needs.sh spark

check: $(VENV)/.dev $(BUILT) messages ## Format, lint, types, import rules
	$(VENV)/bin/ruff format --check src tests $(wildcard bench)
	$(VENV)/bin/ruff check src tests $(wildcard bench)
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	cd frontend && PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm run --silent check

evaluate: $(VENV)/.dev ## Measure the models on the labelled data in DATA and the engine on simulated cities; writes docs/evaluation.md and the cards
	$(VENV)/bin/qingdun evaluate-texts --data $(DATA)
	$(VENV)/bin/qingdun evaluate-cities
	$(VENV)/bin/qingdun evaluate-sites --data $(DATA)
	$(VENV)/bin/qingdun evaluate-tables --data $(DATA)

bench: $(VENV)/.dev ## Benchmarks with their peers; writes docs/benchmarks.md
	$(PY) -m bench

bench-desk: $(VENV)/.dev $(BUILT) messages ## The desk with a million alerts, a thousand browsers and processes killed
	$(PY) -m bench desk -- $(DESK)

docs: $(VENV)/.dev ## Build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict --quiet

frontend: $(BUILT)
messages: $(CATALOGUES:.po=.mo)

$(VENV)/bin/python:
	python3 -m venv $(VENV)

$(VENV)/.run: requirements/run.txt requirements/node.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements/run.txt
	$(if $(NODE_IS_NEW),,$(PIP) install --require-hashes -r requirements/node.txt)
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.spark: requirements/spark.txt $(VENV)/.dev
	$(PIP) install --require-hashes -r requirements/spark.txt
	@touch $@

$(BUILT): $(FRONTEND) | $(VENV)/.run
	cd frontend && PATH="$(CURDIR)/$(VENV)/bin:$$PATH" && npm ci --silent --no-audit --no-fund && npm run --silent build
	@mkdir -p $(dir $@) && touch $@

%.mo: %.po | $(VENV)/.run
	$(VENV)/bin/pybabel -q compile -D django -i $< -o $@

lock: ## Pin every dependency anew, with hashes and without hosts (needs uv)
	uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		pyproject.toml requirements/build.in -o requirements/run.txt
	uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		pyproject.toml requirements/build.in --extra train --extra kafka --group dev -c requirements/run.txt -o requirements/dev.txt
	uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		pyproject.toml requirements/build.in --extra spark -c requirements/dev.txt -o requirements/spark.txt
	uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		requirements/node.in -o requirements/node.txt

clean: ## Remove what was built; var/ with its database stays
	rm -rf $(VENV) .laid site src/qingdun/console/static/built frontend/node_modules
