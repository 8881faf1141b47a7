# Everything here needs only python3 (3.11 or newer) and make; .venv is built from requirements.lock.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check docs lint types format soak bench lock clean

demo: .venv/ready
	$(BIN)/holdfast demo --crm both

test: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -m "not slow"

check: .venv/ready
	$(BIN)/pytest -m slow

docs: .venv/ready
	$(BIN)/python -m sync.report.manual

lint: .venv/ready
	$(BIN)/ruff check .

types: .venv/ready
	$(BIN)/mypy

format: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

soak: .venv/ready
	HOLDFAST_SOAK=1 $(BIN)/pytest -m "slow or not slow"

bench: .venv/ready
	$(BIN)/python -m tests.bench

lock: .venv/ready
	$(BIN)/uv pip compile pyproject.toml --group dev --all-extras --universal --generate-hashes --no-header -o requirements.lock

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Holdfast needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis demo
