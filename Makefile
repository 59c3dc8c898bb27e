# Two commands for a Linux machine with Python 3.11 or newer and nothing else: `make run` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CHECKOV := build/checkov/bin/checkov

.DELETE_ON_ERROR:
.PHONY: run test setup lock clean

run: build/sample.pdf  ## Start the whole of medsift here, classify a sample, serve until Ctrl-C.
	@exec $(BIN)/medsift up --then-classify build/sample.pdf

test: $(READY) $(CHECKOV)  ## Lint, type-check and test everything.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy handler gateway infra training app benchmarks
	$(BIN)/pytest

setup: $(READY)  ## Only install.

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "medsift needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@echo "Installing: about 5 GB with PyTorch, some minutes the first time."
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(CHECKOV):  # its hundred packages of fixed versions would meddle with ours
	$(PYTHON) -m venv build/checkov
	build/checkov/bin/pip install --quiet --disable-pip-version-check checkov==3.3.30

build/sample.pdf: app/sample.py $(READY)
	$(BIN)/python -m app.sample $@

lock:  ## Resolve pyproject.toml's ranges anew into requirements.lock.
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --all-extras --no-header --no-annotate pyproject.toml --output-file requirements.lock

clean:  ## Remove what was built; the weights stay.
	rm -rf $(VENV) build model_store/medsift.mar
