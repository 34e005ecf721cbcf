# CX Workbench: everything a newcomer types. `make` alone lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLIENT ?= demo

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test view publish lab lint lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  CLIENT=name after run, view or publish chooses another client of params/ (default: demo)."

run: $(VENV)/ready ## survey to pages: install what is needed, run the client, say what was found
	@$(BIN)/cx run $(CLIENT)

test: $(VENV)/ready ## the whole test suite
	@$(BIN)/python -m pytest -n auto --dist loadfile -q -rs

view: $(VENV)/ready ## open the pages of the latest run in the browser (Ctrl+C ends it)
	@$(BIN)/cx view $(CLIENT) --open

publish: $(VENV)/ready ## write the pages of the latest run as files into published/
	@$(BIN)/cx publish $(CLIENT) --to published/$(CLIENT)

lab: $(VENV)/ready ## JupyterLab on the stage notebooks
	@if git rev-parse --git-dir >/dev/null 2>&1; then $(STRIPPED); fi
	@$(BIN)/cx lab

lint: $(VENV)/ready ## style, who may import whom, notebooks without outputs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/nbstripout --verify --keep-id notebooks/*.ipynb notebooks/views/*.ipynb
	@echo "lint: all right"

# Outputs stay in the notebook one works on and out of every commit, so that differences can be read.
STRIPPED = $(BIN)/nbstripout --install; \
    git config filter.nbstripout.clean '"$(abspath $(BIN))/python" -m nbstripout --keep-id'; \
    git config diff.ipynb.textconv '"$(abspath $(BIN))/python" -m nbstripout --keep-id -t'; \
    git config filter.nbstripout.extrakeys "metadata.language_info.version metadata.language_info.codemirror_mode \
    metadata.language_info.file_extension metadata.language_info.mimetype metadata.language_info.nbconvert_exporter \
    metadata.language_info.pygments_lexer metadata.papermill cell.metadata.papermill cell.metadata.execution"

# Hashes pin what is installed; no index address is written, so that any mirror serves.
lock: $(VENV)/ready ## choose the newest versions that fit pyproject.toml and write requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --generate-hashes --upgrade --quiet \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --output-file requirements.lock

clean: ## remove the environment and the runs
	@rm -rf $(VENV) outputs/*/ .pytest_cache .ruff_cache

$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "CX Workbench needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo "Preparing $(VENV) (once, about two minutes) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --no-color --disable-pip-version-check --require-hashes -r requirements.lock 2>&1 | $(PROGRESS)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . 2>&1 | $(PROGRESS)
	@$(BIN)/python -m cxlib.kernels.spec
	@touch $@

# One line that counts instead of hundreds; an error is shown as it is.
PROGRESS = awk '/^(Collecting|Processing) /{n++; if (n % 10 == 0) {printf "  %d packages fetched\n", n; fflush()}} \
    /^Installing collected/{print "  installing " n " packages ..."; fflush()} \
    /^Successfully installed/{print "  installed"} /^ *(ERROR|error)/{bad=1} bad{print}'
