# SPDX-License-Identifier: Apache-2.0
# Everything a newcomer needs, each with its own set-up: `make demo`, `make test`.

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
JOBS ?= 2
# Tests start many processes, each of which would compile all modules of Python again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check bench attacks kinds clean

## demo: three guests of three real-time levels on one simulated machine
demo: $(READY)
	$(VENV)/bin/ovm run systems/mixed.toml

## test: lint, types and all tests
test: check
	@scripts/tools qemu-system-arm gdb-multiarch cpio dtc:device-tree-compiler
	$(VENV)/bin/python -m pytest -q -p tests.progress -n $(JOBS) --dist loadfile

## check: lint and types alone
check: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy --strict src

## bench: measurements; they print, and assert no times
bench: $(READY)
	@scripts/tools qemu-system-arm
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[measure]'
	$(VENV)/bin/python -m pytest -m bench -s benchmarks tests

## attacks: let an attacker loose at each level, and print the table of what it tried
attacks: $(READY)
	UPDATE_EXPECTED=1 $(VENV)/bin/python -m pytest -q tests/guests/test_attacks.py
	@cat docs/reference/attacks.md

## kinds: run the tests that hold each kind of failure known, and print the kinds
kinds: $(READY)
	@$(VENV)/bin/python scripts/kinds

## clean: remove what the targets above made
clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis out

$(READY): pyproject.toml scripts/setup
	@scripts/setup $(PYTHON) $(VENV)
	@touch $@
