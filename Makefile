# AdStudio's commands. `make run` and `make test` take a bare machine (Python 3.11, pip) all the way.

PYTHON ?= python3.11
VENV   := .venv
PY     := $(VENV)/bin/python
MANAGE := $(PY) manage.py
PIP    := $(PY) -m pip install --quiet --disable-pip-version-check

HOST    ?= 127.0.0.1
PORT    ?= 8000
WORKERS ?= 1
ENGINE  ?= studio
ARGS    ?=
# Also installed by `make test`; an empty TEST_EXTRAS leaves torch, and the tests that need it, out.
TEST_EXTRAS ?= diffusion
# Each has a browser, Postgres and Valkey of its own.
TEST_PROCESSES ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test check bench fuzz drill hosts install-system load

help:
	@echo "make run    install what is needed and run AdStudio [HOST= PORT= WORKERS= ENGINE=studio|diffusion ARGS=]"
	@echo "make test   install what is needed and run the whole test suite [ARGS=]"
	@echo "make check  linters, types, migrations, deployment settings and files"
	@echo "make fuzz   many more made-up pictures, texts and requests than the suite's [CASES= EXAMPLES=]"
	@echo "make drill  break the running system in random order and count what was lost [SEED= FAULTS=]"
	@echo "make hosts  web, data and two worker hosts: jobs spread, a host is cut off, web processes restart, releases mix"
	@echo "make load   a thousand sockets, requests a second, one shop's queue before another's [ARGS=]"
	@echo "make bench  the benchmark table [ARGS=], and where an NVIDIA card is the GPU's [GPU_ARGS=]"

# Installed again only when a requirements file changed.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: requirements/base.txt | $(VENV)/bin/python
	@echo "Installing the Python packages of requirements/base.txt"
	@$(PIP) -r $<
	@touch $@

$(VENV)/.%: requirements/%.txt requirements/base.txt requirements/c2pa.txt | $(VENV)/bin/python
	@echo "Installing the Python packages of $<"
	@$(PIP) -r $<
	@touch $@

# BiRefNet's own code needs more packages, and they need the card.
CARD := $(wildcard /dev/nvidiactl)
run: $(VENV)/.base $(if $(C2PA_CERTIFICATE),$(VENV)/.c2pa) $(if $(filter diffusion,$(ENGINE)),$(VENV)/.diffusion $(if $(CARD),$(VENV)/.diffusion-gpu))
	@for engine in studio $(filter diffusion,$(ENGINE)); do $(MANAGE) fetch_models $$engine || \
		echo "The weights of the $$engine engine could not be fetched. AdStudio goes on without; make run tries again."; done
	@exec $(MANAGE) up --host $(HOST) --port $(PORT) --workers $(WORKERS) $(ARGS)

test: $(VENV)/.dev $(TEST_EXTRAS:%=$(VENV)/.%) install-system
	@exec $(PY) -m pytest -n $(TEST_PROCESSES) --dist worksteal $(ARGS)

# The browser for the browser tests, OCR with Korean to read headlines back, gettext to find sentences without English.
SYSTEM_PACKAGES := chromium gettext tesseract-ocr tesseract-ocr-kor
install-system:
	@if dpkg --status $(SYSTEM_PACKAGES) >/dev/null 2>&1; then exit 0; \
	elif [ "$$(id -u)" = 0 ]; then \
		echo "Installing $(SYSTEM_PACKAGES)"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends $(SYSTEM_PACKAGES) >/dev/null; \
	else \
		echo "The tests need system packages. Install them once:"; \
		echo "  sudo apt-get install $(SYSTEM_PACKAGES)"; exit 1; \
	fi

# Settings as a production server has them. Nothing connects to these addresses.
PRODUCTION := env -u ADSTUDIO_DEMO DATABASE_URL=postgresql://adstudio@localhost/adstudio \
	REDIS_URL=redis://localhost:6379/0 ALLOWED_HOSTS=ads.example.com SITE_URL=https://ads.example.com \
	SECRET_KEY=0nly-f0r-this-check-Qm3vT8xLk2Zr9WcY5bHd7NfJ1sGp4aEuVtRyXw

check: $(VENV)/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy --strict accounts adstudio generation jobs
	cd clients/python && $(CURDIR)/$(PY) -m mypy --strict src
	$(PRODUCTION) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING
	$(VENV)/bin/hadolint --failure-threshold info Dockerfile
	$(VENV)/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml
	$(VENV)/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(VENV)/bin/zizmor --offline --quiet .github

# Where a card is: the fetched models are measured, else random ones of the same size (42 GB, in a folder of their own).
MODELS := $(or $(ADSTUDIO_MODELS_DIR),models)
GPU_ARGS ?= $(if $(wildcard $(MODELS)/diffusion/lock.json),,--random-weights --weights $(MODELS)/bench)
GPU_MODELS := $(if $(findstring --random-weights,$(GPU_ARGS)),$(MODELS)/bench,$(MODELS))

bench: $(VENV)/.dev $(if $(CARD),$(VENV)/.diffusion-gpu)
	@$(MANAGE) bench $(ARGS)
	@$(PY) -m pytest tests/jobs/bench_live.py -q -s -W ignore
	$(if $(CARD),@ADSTUDIO_MODELS_DIR=$(GPU_MODELS) exec $(PY) -m generation.diffusion.bench $(GPU_ARGS))

EXAMPLES ?= 300
CASES ?= 110000
fuzz: $(VENV)/.dev
	@$(PY) -m tests.fuzz --cases $(CASES)
	@PROPERTY_EXAMPLES=$(EXAMPLES) exec $(PY) -m pytest tests/jobs/api/test_properties.py -q -W ignore

FAULTS ?= 200
drill: $(VENV)/.dev $(TEST_EXTRAS:%=$(VENV)/.%)
	@exec $(PY) -m tests.drill --faults $(FAULTS) $(if $(SEED),--seed $(SEED))

hosts: $(VENV)/.dev
	@exec $(PY) -m tests.hosts

load: $(VENV)/.dev
	@exec $(PY) -m tests.load $(ARGS)

# Making the plates: an environment of its own, never needed to run or test.
-include authoring/plates.mk
