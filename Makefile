# Needs git, make and python3 (3.11 or newer) with its venv module; everything else is installed into .venv.
#   make demo     simulated catalogue -> mass, figures, report in demo/
#   make test     the quick tests      make slow    the long ones
#   make tap      the tests that ask a TAP server (.ci/tap-server)
#   make browser  the tests that drive a Chromium (.ci/browser)
#   make lint     style and layers     make types   static types
#   make docs     the documentation    make bench   the benchmarks
#   make calibrate  do the intervals hold the truth? hundreds of simulated catalogues, an hour or so
#   make lock     renew requirements/*.txt (needs uv)
#   make clean    remove what the targets above made
PYTHON ?= python3
VENV ?= .venv
DEMO ?= demo
CALIBRATION ?= calibration
UV ?= uv

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input install
MADE_FOR := $(CURDIR) $(PYTHON)

# A virtual environment that was interrupted, moved with the checkout, made for another PYTHON, or whose interpreter is
# gone is made anew: it would run old code, or none.
ifneq ($(wildcard $(VENV)/pyvenv.cfg),)
  ifneq ($(shell cat $(VENV)/made-for 2>/dev/null; $(BIN)/python -c 'print(" works")' 2>/dev/null),$(MADE_FOR)  works)
    $(info $(VENV) is unfinished or belongs to another place or Python: making it anew)
    $(shell rm -rf $(VENV))
  endif
endif

.NOTPARALLEL:
.PHONY: help demo test slow tap browser bench calibrate lint layers types docs lock clean
help:
	@sed -n '2,11s/^# *//p' Makefile

demo: $(VENV)/run
	$(BIN)/haloscale demo -o $(DEMO)

test: $(VENV)/test
	$(BIN)/python -m pytest -n logical --maxprocesses 8 -m "not slow and not tap and not browser" $(PYTEST_ARGS)

slow: $(VENV)/test
	$(BIN)/python -m pytest -n logical --maxprocesses 8 -m slow $(PYTEST_ARGS)

tap: $(VENV)/test
	$(BIN)/python -m pytest -m tap $(PYTEST_ARGS)

browser: $(VENV)/test $(VENV)/browser
	$(BIN)/python -m pytest -m browser $(PYTEST_ARGS)

bench: $(VENV)/test
	$(BIN)/python -m pytest benchmarks --benchmark-enable $(PYTEST_ARGS)

BY_STARS = $(BIN)/haloscale calibrate --n 300 --set likelihood.kind=stars --set sampler.name=laplace
WITH_PRIORS = --set 'mass.halo.m_vir={prior="log_normal",mean=27.63,sd=0.4}' \
	--set 'mass.halo.c={prior="log_normal",mean=2.5,sd=0.3}' \
	--set 'anisotropy.beta={prior="normal",mean=0.2,sd=0.2,high=0.9}' \
	--set 'tracer.log_slope={prior="normal",mean=-4.0,sd=0.2}'
calibrate: $(VENV)/run
	$(BY_STARS) -o $(CALIBRATION)/fixed
	$(BY_STARS) $(WITH_PRIORS) -o $(CALIBRATION)/free

lint: $(VENV)/test layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

layers: $(VENV)/test
	$(BIN)/lint-imports --no-cache

types: $(VENV)/test
	$(BIN)/mypy

docs: $(VENV)/docs
	$(BIN)/sphinx-build -j auto -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

COMPILE = $(UV) pip compile pyproject.toml requirements/build.in --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
lock:
	$(COMPILE) $(LOCK_ARGS) -o requirements/run.txt
	$(COMPILE) $(LOCK_ARGS) --extra test --extra jax --extra nested --extra web -c requirements/run.txt -o requirements/test.txt
	$(COMPILE) $(LOCK_ARGS) --extra browser -c requirements/test.txt -o requirements/browser.txt
	$(COMPILE) $(LOCK_ARGS) --extra docs --extra web -c requirements/test.txt -o requirements/docs.txt

clean:
	rm -rf .venv demo calibration docs/_build build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks

$(VENV)/made-for:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "haloscale needs Python 3.11 or newer; '$(PYTHON)' is `$(PYTHON) --version 2>&1`." >&2; \
	  echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "'$(PYTHON) -m venv' failed: install Python's venv module (Debian, Ubuntu: python3-venv)." >&2; exit 1; }
	@echo "$(MADE_FOR)" > $@

# Stamps: what is installed is what the requirements file says. The checkout itself cannot be hashed, hence --no-deps.
$(VENV)/run $(VENV)/test $(VENV)/browser $(VENV)/docs: $(VENV)/%: requirements/%.txt pyproject.toml src/haloscale/_version.py $(VENV)/made-for
	@echo "installing requirements/$*.txt into $(VENV) (once; a minute or so)"
	@$(PIP) --require-hashes -r requirements/$*.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@
