# make demo       the whole main job on a demo merchant (creates .venv on the first call)
# make test       lint, walls, types, tests
# make test-slow  full-size runs
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO ?= demo-workspace

export MLFLOW_DISABLE_TELEMETRY := true

.PHONY: demo test test-slow lint walls types unit format lock clean

demo: $(READY)
	$(BIN)/yunchou demo $(DEMO)

test: lint walls
	$(MAKE) --no-print-directory -j2 types unit

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

walls: $(READY)
	$(BIN)/lint-imports

types: $(READY)
	$(BIN)/mypy

unit: $(READY)
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile --durations=40

test-slow: $(READY)
	$(BIN)/python -m pytest -m slow

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(READY)
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra completejourney --universal --no-header --no-annotate -o requirements.lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	$(BIN)/python -m compileall -q engine models
	@touch $(READY)

clean:
	rm -rf $(VENV) $(DEMO) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
