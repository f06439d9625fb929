# make install · run · test · browser · search · hostile · chaos · endure · lint · bench · docs · docs-site · screenshots · release · lock     Only needs Python 3.11.
PYTHON ?= python3.11
ARGS ?=
BIN := .venv/bin
TAG ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: install dev run test quick browser search hostile chaos endure lint bench charts docs docs-site screenshots wheel sbom release image lock clean FORCE

install: .venv/installed
	@:

# A virtual environment knows its own path: in a checkout that has been moved it is made anew.
ifneq ($(shell cat .venv/installed 2>/dev/null),$(CURDIR))
.venv/installed: FORCE
endif
.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo '需要 Python 3.11 及以上：安装后重试，或用 make PYTHON=… 指定。'; \
	  echo 'Python 3.11 or later is needed: install it and try again, or name it with make PYTHON=….'; exit 1; } >&2
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	  echo '缺少 venv 模块：请安装 python3-venv（如 apt-get install python3.11-venv）后重试。'; \
	  echo 'The module venv is missing: install python3-venv (apt-get install python3.11-venv) and try again.'; \
	  exit 1; } >&2
	@echo '正在安装，约需一两分钟…… / Installing, a minute or two …'
	$(PYTHON) -m venv --clear .venv
	$(PIP) --require-hashes --requirement requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@echo '$(CURDIR)' > $@

dev: .venv/installed-dev
	@:

.venv/installed-dev: requirements-dev.lock .venv/installed
	$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@

run: install
	$(BIN)/registry demo --if-empty
	exec $(BIN)/registry serve $(ARGS)

# Tests start processes: what these import is compiled once, whatever the environment says.
test: export PYTHONDONTWRITEBYTECODE =
test: dev browser
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

# The tests of every change, in less than five minutes on two cores: without a browser, and without those marked slow.
quick: export PYTHONDONTWRITEBYTECODE =
quick: dev
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m 'not slow and not browser' $(ARGS)

# Chromium, for the tests in a real browser.
browser:
	@.ci/chromium

# The property tests with new inputs, again and again for so many minutes, until one fails: make search MINUTES=60
MINUTES ?= 60
search: dev
	$(BIN)/python -m tools.search --minutes $(MINUTES) $(ARGS)

# Ten thousand hostile inputs against a server of its own: make hostile ARGS='--seed 2 --inputs 500'
hostile: dev
	$(BIN)/python -m tools.hostile $(ARGS)

# kill -9 of server, import, replay, backup, restore and database at random moments, about twenty minutes: make chaos KILLS=200
KILLS ?= 200
chaos: dev
	$(BIN)/python -m tools.chaos --kills $(KILLS) $(ARGS)

# Load of every kind at once, and what memory, files and connections become meanwhile: make endure MINUTES=60
endure: dev
	$(BIN)/python -m tools.endurance --minutes $(MINUTES) $(ARGS)

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright
	$(BIN)/lint-imports

bench: dev
	$(BIN)/python -m bench $(ARGS)

# What the code says of itself: docs/reference, the drawing of the imports, the schema. Tests keep all equal to the code.
docs: install
	$(BIN)/python -m tools.reference

# What the console's pages load out of npm: registry/web/console/static/charts.js and htmx.js, committed as built.
charts:
	cd tools/charts && npm ci --ignore-scripts --no-audit --no-fund && node build.mjs

# Pictures of the console over the demo county, for the README and the documents: docs/assets/*.png
screenshots: dev browser
	$(BIN)/python -m tools.screenshots $(ARGS)

# The documents as pages to read offline: build/site/index.html.
docs-site: dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# What is handed out (docs/howto/release.md), of what is checked out; release: of a tag, in dist/TAG.
wheel: install
	$(BIN)/python -m hatchling build -d dist

sbom: install .venv-release/installed
	mkdir -p dist
	$(BIN)/python -m tools.sbom .venv-release/bin/cyclonedx-py dist/quanze.cdx.json

release: install .venv-release/installed
	@git rev-parse --verify --quiet '$(TAG)^{commit}' >/dev/null || { \
	  echo '请写明标签：make release TAG=v0.2.0。 / Name the tag: make release TAG=v0.2.0.'; exit 1; } >&2
	rm -rf dist/$(TAG) && mkdir -p dist/$(TAG)
	folder=$$(mktemp -d) && git archive '$(TAG)' | tar -x -C "$$folder" && cd "$$folder" && \
	  export SOURCE_DATE_EPOCH=$$(git -C '$(CURDIR)' log -1 --format=%ct '$(TAG)') && \
	  '$(CURDIR)/$(BIN)/python' -m hatchling build -d '$(CURDIR)/dist/$(TAG)' && \
	  '$(CURDIR)/$(BIN)/python' -m tools.sbom '$(CURDIR)/.venv-release/bin/cyclonedx-py' \
	    '$(CURDIR)/dist/$(TAG)/quanze-$(TAG:v%=%).cdx.json' && rm -rf "$$folder"
	cd dist/$(TAG) && sha256sum quanze* > SHA256SUMS

image:
	git archive '$(TAG)' | docker build --tag 'quanze:$(TAG:v%=%)' -

# The tool that lists what a release contains: apart, for what it brings slows every start.
.venv-release/installed: requirements-release.lock
	$(PYTHON) -m venv --clear .venv-release
	.venv-release/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --requirement $<
	@touch $@

# Every package of every dependency by version and hash, for all platforms and Pythons from 3.11; no addresses.
# make lock: only what pyproject.toml asks for; make lock ARGS=--upgrade: everything as new as it allows.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

lock: dev
	$(COMPILE) $(ARGS) --extra build pyproject.toml --output-file requirements.lock
	$(COMPILE) $(ARGS) --extra build --extra dev --constraint requirements.lock pyproject.toml \
	  --output-file requirements-dev.lock
	$(COMPILE) $(ARGS) --extra build --extra release --constraint requirements-dev.lock pyproject.toml \
	  --output-file requirements-release.lock

clean:
	rm -rf .venv .venv-release build dist .pytest_cache .hypothesis .ruff_cache .import_linter_cache
