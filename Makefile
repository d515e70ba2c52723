# Everything a developer or an operator does by hand. `make` alone lists the targets.
PYTHON ?= python3
PYTHONS ?= python3.11 python3.12 python3.13
VENV ?= .venv
BIN := $(VENV)/bin
SBOM ?= dist/sbom.cdx.json
TEST_PROCESSES ?= 3 # on two cores: many tests wait for a server to start, to fail or to stop
UV_VERSION := 0.13.9
MUTMUT_VERSION := 3.8.1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
.PHONY: help demo serve test test-pythons image-check check audit sbom bench soak mutants review-due rule-book record golden picture lock clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  Python 3.11 or newer is needed; choose one with PYTHON=python3.12. The first run fills $(VENV)/."

demo: $(VENV)/.demo ## Run the service with a sandbox FHIR server, synthetic patients and a page of cards
	@$(BIN)/posterior-hip-cds demo

serve: $(VENV)/.demo ## Run the service alone, configured by CDS_* variables
	@exec $(BIN)/posterior-hip-cds serve

test: $(VENV)/.dev ## Run all tests on two cores; ARGS="-k fracture" passes arguments on to pytest
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist worksteal -m "not image" $(ARGS)

test-pythons: ## Run all tests on each Python there is of PYTHONS (3.11, 3.12, 3.13), each in its own environment
	@for python in $(PYTHONS); do \
	  version=$$("$$python" -c 'import platform; print(platform.python_version())' 2>/dev/null) \
	    || { echo "$$python: not here, so not tested"; continue; }; \
	  echo "Python $$version" && $(MAKE) PYTHON="$$python" VENV=.venv-$$version test || exit 1; done

image-check: $(VENV)/.dev ## Build the container image without an engine, start it and the compose file (needs root)
	@$(BIN)/python -m pytest -m image tests/deployment $(ARGS)

check: $(VENV)/.dev ## Lint, types, architecture contracts, compose file, Dockerfile
	@echo "ruff check" && $(BIN)/ruff check --quiet --output-format concise .
	@echo "ruff format" && $(BIN)/ruff format --check --quiet . \
	  || { echo "Not formatted; $(BIN)/ruff format . does it:"; $(BIN)/ruff format --check .; exit 1; }
	@echo "mypy --strict" && $(BIN)/mypy --no-error-summary
	@echo "lint-imports" && PYTHONPATH=. $(BIN)/lint-imports --no-cache > $(VENV)/lint-imports.log \
	  || { cat $(VENV)/lint-imports.log; exit 1; }
	@echo "docker-compose config" && POSTGRES_PASSWORD=unused $(BIN)/docker-compose config --quiet
	@echo "hadolint" && $(BIN)/hadolint Dockerfile

audit: $(VENV)/.dev ## Look for known vulnerabilities of the locked runtime packages (asks a public service)
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off $(ARGS) -r requirements/runtime.txt \
	  || { echo "Where no vulnerability is listed above, nothing was audited: the service that knows them could not be asked. \
Try again later, or ask another: make audit ARGS=\"--vulnerability-service osv\"" >&2; exit 1; }

sbom: $(VENV)/.dev ## Write dist/sbom.cdx.json, the bill of materials of the locked runtime packages (CycloneDX)
	@mkdir -p $(dir $(SBOM)) && $(BIN)/python -W ignore::UserWarning -m cyclonedx_py requirements --pyproject pyproject.toml \
	  --output-reproducible --spec-version 1.6 --output-file $(SBOM) requirements/runtime.txt

bench: $(VENV)/.dev ## Measure the service beside a no-op; ARGS="--write docs/performance.md" keeps the table
	@$(BIN)/python -m bench $(ARGS)

soak: $(VENV)/.dev ## Ten minutes at 70 % of capacity while things break; ARGS="--minutes 2 --seed 7"
	@$(BIN)/python -m tests.soak $(ARGS)

mutants: $(VENV)/.dev ## Change rules in one place at a time and list what no test notices; ARGS="cards.red_flags"
	@$(BIN)/python -c "import mutmut" 2>/dev/null \
	  || $(BIN)/python -m pip install -qq --disable-pip-version-check mutmut==$(MUTMUT_VERSION)
	@$(BIN)/python -m tests.mutation $(ARGS)

review-due: $(VENV)/.demo ## List the rules whose evidence review is due, and those that changed since their last one
	@$(BIN)/posterior-hip-cds review-due

rule-book: $(VENV)/.demo ## Write docs/rule-book.md anew from the rules
	@$(BIN)/posterior-hip-cds rule-book --write docs/rule-book.md

record: $(VENV)/.dev ## Write tests/vignettes/record.yml anew: what each rule asks for, and how urgently
	@$(BIN)/python -m tests.vignettes.record

golden: $(VENV)/.dev ## Write the answers kept beside the order requests anew
	@$(BIN)/python -m tests.end_to_end.golden

picture: $(VENV)/.dev ## Make the README's screenshot anew (needs Chromium)
	@PICTURES=docs/images $(BIN)/python -m pytest -q tests/pages/test_readme_picture.py

lock: ## Rewrite requirements/*.txt from pyproject.toml; ARGS=--upgrade takes the newest versions
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && $(PYTHON) -m venv "$$tmp" \
	  && "$$tmp/bin/pip" install -qq uv==$(UV_VERSION) \
	  && export UV_CUSTOM_COMPILE_COMMAND="make lock" \
	  && lock() { echo "$$1"; "$$tmp/bin/uv" pip compile --quiet --universal \
	       --python-version 3.11 --generate-hashes --output-file "$$@"; } \
	  && lock requirements/dev.txt pyproject.toml --extra postgres --extra demo --extra otel --group dev --group build $(ARGS) \
	  && lock requirements/demo.txt pyproject.toml --extra demo --group build --constraint requirements/dev.txt \
	  && lock requirements/runtime.txt pyproject.toml --extra postgres --constraint requirements/dev.txt \
	  && lock requirements/build.txt --group build --constraint requirements/dev.txt \
	  && lock bench/healthchain/requirements.txt bench/healthchain/requirements.in

clean: ## Remove caches and build output (.venv stays)
	@rm -rf build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# The environments. dev holds all that demo holds, in the same versions, so dev serves for both.
$(VENV)/.demo: requirements/demo.txt pyproject.toml
	@$(call install,demo)
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml
	@$(call install,dev)
	@touch $(VENV)/.demo $@

new_enough = -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null

define install
command -v "$(PYTHON)" >/dev/null \
  || { echo "There is no $(PYTHON) here. Name a Python 3.11 or newer: make PYTHON=/path/to/python3" >&2; exit 1; }; \
"$(PYTHON)" $(new_enough) || { echo "Python 3.11 or newer is needed; $(PYTHON) is \
$$("$(PYTHON)" --version 2>&1). Name another: make PYTHON=python3.12" >&2; exit 1; }; \
$(BIN)/python $(new_enough) || { echo "Creating $(VENV)/ with $$("$(PYTHON)" --version)"; \
  "$(PYTHON)" -m venv --clear $(VENV) \
    || { echo "$(PYTHON) -m venv failed; Debian and Ubuntu keep it in the package python3-venv." >&2; exit 1; }; }; \
echo "Installing $$(grep -c == requirements/$(1).txt) packages from requirements/$(1).txt (about a minute)"; \
$(BIN)/python -m pip install -qq --no-compile --disable-pip-version-check \
  --require-hashes -r requirements/$(1).txt \
  && $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable . \
  || { echo "The installation failed: is a package index reachable?" >&2; exit 1; }
endef
