# Two commands: `make demo` and `make test`. Each sets up what it needs in .venv by itself.
SHELL := /bin/bash
VENV := .venv
PY := $(VENV)/bin/python
# Which interpreter .venv is made from; by default the first of at least 3.10 that runs.
PYTHON ?=
# Further words for pytest: make test ARGS="tests/text -x"
ARGS ?=

# Set up again only when the metadata has changed. Whoever develops has all that running needs.
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev

# Trainers whose own packages our tests run; each has an environment of its own, as they are large and pin each other.
TRAINERS := trl verl openrlhf ray verifiers areal

.PHONY: help demo test test-full test-trl test-trainers check format bench docs clean $(TRAINERS:%=test-with-%)
.DEFAULT_GOAL := help

help:  ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): pyproject.toml .ci/environment
	@if [ -e $(READY_DEV) ]; then $(MAKE) --no-print-directory $(READY_DEV); \
	else .ci/environment $(VENV) "" "$(PYTHON)"; fi
	@touch $@

$(READY_DEV): pyproject.toml .ci/environment
	@.ci/environment $(VENV) dev "$(PYTHON)"
	@touch $@

demo: $(READY)  ## Score and evaluate the example rollouts, explain one row
	@mkdir -p out
	$(VENV)/bin/r1rewards score examples/rollouts.jsonl -r math -r format@0.5 -r code -S code.cpu_s=2 --sandbox auto --group-by group -o out/demo.jsonl --overwrite
	$(VENV)/bin/r1rewards evaluate out/demo.jsonl --pass-at 1,4 --cons-at 4 --short-groups skip
	$(VENV)/bin/r1rewards explain examples/rollouts.jsonl -r math -r format@0.5 --id path-2
	$(VENV)/bin/r1rewards explain examples/rollouts.jsonl -r code -S code.cpu_s=2 --sandbox auto --id gap-2 || true
	@echo "The scored rows are in out/demo.jsonl; examples/README.md says what the rows are."

test: $(READY_DEV)  ## Run the tests, all but the slow ones
	$(PY) -m pytest $(ARGS)

test-full: $(READY_DEV)  ## Run all tests, the slow ones (minutes) too
	$(PY) -m pytest -m "slow or not slow" $(ARGS)

test-trl: test-with-trl  ## Train with TRL itself, in .venv-trl (1.4 GB)

test-trainers: $(TRAINERS:%=test-with-%)  ## Run TRL, verl, OpenRLHF, Ray, verifiers and AReaL themselves, each in an environment of its own

$(TRAINERS:%=test-with-%): test-with-%: .venv-%/.ready
	R1REWARDS_REQUIRE_TRAINER=$* .venv-$*/bin/python -m pytest -W default tests/trainers/real/test_$*.py $(ARGS)

$(TRAINERS:%=.venv-%/.ready): .venv-%/.ready: pyproject.toml .ci/environment .ci/trainer-packages
	@.ci/environment .venv-$* serve "$(PYTHON)"
	@.ci/trainer-packages .venv-$*/bin/python $*
	@touch $@

check: $(READY_DEV)  ## Lint, formatting and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: $(READY_DEV)  ## Mend formatting and what lint can mend
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

docs: $(READY_DEV)  ## Run the examples of all docstrings, the README and the pages of docs/
	$(PY) -m pytest tests/test_docs.py $(ARGS)

# What others import is no benchmark by itself; the trainers' needs TRL.
bench: $(READY_DEV)  ## Run every benchmark (hours); each prints its table
	@failed=; for script in benchmarks/[a-z]*.py; do python=$(PY); \
	case $$script in \
	*/peer_graders.py | */real_data.py | */rollout_verdicts.py) continue ;; \
	*/trainer_speed.py) python=.venv-trl/bin/python; \
		[ -x $$python ] || { echo "== $$script: left out, make test-trl makes its environment"; continue; } ;; \
	esac; \
	echo "== $$script"; $$python "$$script" || failed="$$failed $$script"; done; \
	[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

clean:  ## Remove what builds, tests and the demo leave behind, and .venv
	rm -rf $(VENV) .venv-* out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
