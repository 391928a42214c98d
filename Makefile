# make run    the whole office on this machine, at http://127.0.0.1:8000 (PORT=8001, EXAMPLE=off)
# make test   every test, with servers of its own
# make check  style, types, the direction of imports, Django's checks
# make bench  what the office does beside what one would otherwise have (BENCH="intake --broker valkey")
# make soak   the office killed at random while it works, on both brokers (SOAK="--messages 1000 --kills 20")

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

run: .venv/.installed
	@exec .venv/bin/python manage.py up

test: .venv/.installed-dev
	.venv/bin/pytest -n 2 --dist loadgroup

check: .venv/.installed-dev
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	DJANGO_SETTINGS_MODULE=tests.settings .venv/bin/python -W error manage.py check --deploy --fail-level WARNING
	@# It would like to ask the database too, which is not there.
	DJANGO_SETTINGS_MODULE=tests.settings .venv/bin/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer was found. Install one, or name it: make run PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv

# A stamp for each list: packages are installed again when the list has changed, and not otherwise.
.venv/.installed: requirements.txt | .venv/bin/python
	@echo "Installing $<; the first time this takes a minute"
	@.venv/bin/python -m pip install --disable-pip-version-check --requirement $<
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@echo "Installing $<; the first time this takes a minute"
	@.venv/bin/python -m pip install --disable-pip-version-check --requirement $<
	@touch $@

# About half an hour: ten minutes of kills and a few to come to rest, on each broker.
soak: .venv/.installed-dev
	.venv/bin/pytest tests/workflow_processor/test_gates_machine.py --hypothesis-profile soak
	.venv/bin/python -m tests.crash.soak --broker valkey $(SOAK)
	.venv/bin/python -m tests.crash.soak --broker rabbitmq $(SOAK)

# The better part of two hours, on a machine with nothing else to do.
bench: .venv/.installed-dev
	.venv/bin/python -m tests.benchmarks $(BENCH)

.PHONY: run test check soak bench
