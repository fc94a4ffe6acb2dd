# Two commands matter: make demo, make test. Both need nothing but git, make and Python 3.11 or later.
PYTHON ?= python3
PY := .venv/bin/python
ARGS ?=

.PHONY: demo test prove check bench guards lock format clean .venv

demo: .venv
	@$(PY) -m local.demo $(ARGS)

test: .venv
	@$(PY) -m local.suite $(ARGS)

prove: .venv
	@$(PY) -m proofs $(ARGS)

check: .venv
	@$(PY) -m local.check

bench: .venv
	@$(PY) -m benchmarks $(ARGS)

# After a change of the gate's SQL: what every process compares the database with.
manifest: .venv
	@$(PY) -m local.manifest

guards: .venv
	@$(PY) -m local.guards

format: .venv
	@$(PY) -m ruff check --quiet --fix .
	@$(PY) -m ruff format --quiet .

.venv: .venv/.synced

# The stamp is written last, so an interrupted installation is simply done again.
.venv/.synced: requirements/uv.txt requirements/dev.txt pyproject.toml
	@echo "Installing what the lock files name into .venv …"
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(PY) -m uv pip sync --quiet --python $(PY) --require-hashes requirements/dev.txt
	@$(PY) -m uv pip install --quiet --python $(PY) --no-deps --no-build-isolation -e .
	@touch $@

# Rewrites the hashed lock files from requirements/*.in. Add ARGS=--upgrade to move to newer versions.
COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url $(ARGS)
lock:
	@$(PY) -m uv --version >/dev/null
	@$(COMPILE) requirements/uv.in -o requirements/uv.txt
	@$(COMPILE) requirements/runtime.in -o requirements/runtime.txt
	@$(COMPILE) requirements/dev.in -c requirements/runtime.txt -o requirements/dev.txt

clean:
	@$(PY) -m local.clean
