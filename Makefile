# Each target sets up what it needs: Python 3.11, pip, make and git are enough.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
RUN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# One a core, between two and four: more do not fit the memory of a small machine.
WORKERS := $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$((n < 2 ? 2 : n > 4 ? 4 : n)))

.PHONY: demo test check bench sandbox lock clean

demo: $(VENV)/.run   ## the whole loop against a sandbox of the three vendors
	@$(RUN)/scoreline demo $(DEMO)

sandbox: $(VENV)/.run   ## the three vendors on loopback, until Ctrl-C
	@$(RUN)/python -m sandbox $(SANDBOX)

test: $(VENV)/.dev   ## every test
	@echo "Running the tests (about a quarter of an hour on two cores)"
	@$(RUN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -q $(TESTS)

check: $(VENV)/.dev   ## floors, types and style
	@echo "Checking style";  $(RUN)/ruff check . && $(RUN)/ruff format --check .
	@echo "Checking floors"; $(RUN)/lint-imports --no-cache
	@echo "Checking types";  $(RUN)/mypy

bench: $(VENV)/.dev   ## ratios against the bare work, printed and written to benchmarks/README.md
	@$(RUN)/python -m benchmarks $(BENCH)

lock: $(VENV)/.dev   ## renew both locks after editing pyproject.toml
	@$(RUN)/pip-compile --quiet --upgrade $(LOCK) --extra dev -o requirements-dev.txt pyproject.toml
	@$(RUN)/pip-compile --quiet $(LOCK) --extra sandbox -c requirements-dev.txt -o requirements.txt pyproject.toml
LOCK := --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@echo "Making a virtual environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed, this is " + sys.version)'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt pyproject.toml | $(VENV)/bin/python
	@test -e $(VENV)/.dev -a ! requirements.txt -nt $(VENV)/.dev || { \
	  echo "Installing what Scoreline and its sandbox need (a minute or two, once)"; \
	  $(RUN)/pip install --quiet --require-hashes -r requirements.txt; }
	@$(RUN)/pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing everything the tests need, a PostgreSQL and a Java runtime included (some minutes, once)"
	@$(RUN)/pip install --quiet --require-hashes -r requirements-dev.txt
	@$(RUN)/pip install --quiet --no-deps --editable .
	@touch $@ $(VENV)/.run
