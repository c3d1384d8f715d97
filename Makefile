# The one way in. `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
N ?= 2000
P ?= 43
export PYTHONUTF8 := 1
# eventlet warns of its own future at every import, under a category that this variable can't name (ADR 0002).
export PYTHONWARNINGS ?= ignore

.DEFAULT_GOAL := help
.PHONY: help demo up test test-unit lint bench mutants cohort lock clean province province-up province-upgrade backup restore base-images offline-bundle offline-load compose-test

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.run ## Play one registration from exam result to certificate, then keep serving (EXIT=1 ends, PORT=8000)
	@$(BIN)/python -m commands demo --port $(PORT) $(if $(EXIT),--exit)

up: $(VENV)/.run ## Run every service as its own process on RabbitMQ and PostgreSQL, under a supervisor
	@$(BIN)/python -m commands up --port $(PORT)

test: $(VENV)/.dev ## Run every test that needs no containers
	@$(BIN)/python -m tests.run

test-unit: $(VENV)/.dev ## Run the rules, schemas and pages only (seconds)
	@$(BIN)/python -m pytest tests/unit tests/contract tests/architecture -q

province: $(VENV)/.run ## Write deploy/P/: settings, secrets, policy of province P for containers (P=43)
	@$(BIN)/python -m commands province write $(P) $(ARGS)

province-up: $(VENV)/.run ## Start province P in containers, building the image where it is missing
	@$(BIN)/python -m commands province check $(P)
	@deploy/image.sh $(P)
	@deploy/compose $(P) up -d

province-upgrade: $(VENV)/.run ## Bring a running province to IMAGE, one container after another (P=43 IMAGE=yizhu:2)
	@test -n "$(IMAGE)" || { echo "Say which image: make province-upgrade P=$(P) IMAGE=yizhu:2 (built where it is missing)" >&2; exit 2; }
	@$(BIN)/python -m commands province write $(P)
	@deploy/image.sh $(P) $(IMAGE)
	@$(BIN)/python -m commands province upgrade $(P) --image $(IMAGE)

backup: ## Back province P up while it runs, into deploy/P/backups/ (TO=NAME, by default the time)
	@deploy/backup.sh $(P) $(TO)

restore: ## Restore province P from backup FROM (SERVICE=S: only that; REPLACE=1: give up what is there; START=no)
	@REPLACE="$(REPLACE)" START="$(START)" deploy/restore.sh $(P) "$(FROM)" $(SERVICE)

base-images: ## Build stand-ins for the official images from Debian packages (no image registry)
	@deploy/images/build.sh

offline-bundle: $(VENV)/.run ## Put images and wheels into one file that carries everything to a closed machine
	@P="$(P)" deploy/offline.sh bundle

offline-load: ## Take them in on the closed machine
	@deploy/offline.sh load

compose-test: $(VENV)/.dev ## Run a province in containers, with faults, from nothing (needs root on Debian, or Docker)
	@$(BIN)/python -m tests.compose.run

lint: $(VENV)/.dev ## Check style, types and imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev ## Measure bus and journeys against their floors
	@$(BIN)/python -m benchmarks.bus
	@$(BIN)/python -m benchmarks.journey

mutants: $(VENV)/.dev ## Break rules one by one: do the unit tests notice? (ONLY='services.review.*', hours for all)
	@nice -n 19 $(BIN)/mutmut run --max-children $(or $(CHILDREN),1) $(if $(ONLY),'$(ONLY)')
	@$(BIN)/mutmut results --all true | awk -f tests/unit/mutants.awk

cohort: $(VENV)/.run ## Write an example cohort of N candidates to var/cohort.csv with its manifest
	@mkdir -p var && $(BIN)/python -m commands cohort --n $(N) --out var/cohort.csv --manifest var/cohort.json

lock: $(VENV)/.dev ## Resolve requirements*.in again into the hash-pinned lock files
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile $(LOCK) requirements.in -o requirements.lock
	$(BIN)/uv pip compile $(LOCK) requirements-dev.in -c requirements.lock -o requirements-dev.lock

clean: ## Remove the virtual environment and everything the demo and `make mutants` wrote
	rm -rf $(VENV) var mutants

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed; say which with PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock | $(VENV)/bin/python
	@echo "Installing from requirements.lock …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "Installing from requirements-dev.lock …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
