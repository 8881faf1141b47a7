# Everything here needs only python3 (3.11 or newer) and make; .venv is built from requirements.lock.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check docs texts lint types format soak bench pictures first-hour dist sbom lock clean

demo: .venv/ready
	$(BIN)/holdfast demo --crm both

test: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow"

check: .venv/ready
	$(BIN)/pytest -n 2 --dist loadfile -m slow

docs: .venv/ready
	$(BIN)/python -m sync.report.manual
	$(BIN)/python -m sync.report.errors_page

texts: .venv/ready # sentences that are new in the code go into sync/locale, those that are gone out of it
	mkdir -p build
	$(BIN)/pybabel -q extract -F pyproject.toml --no-default-keywords -k say -k say_n:1,2 --add-location=file -w 120 \
	    -o build/texts.pot rules sync
	for po in sync/locale/*.po; do $(BIN)/pybabel -q update -i build/texts.pot -o $$po -l $$(basename $$po .po) \
	    --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -w 120; done

lint: .venv/ready
	$(BIN)/ruff check .

types: .venv/ready
	$(BIN)/mypy

format: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

soak: .venv/ready
	HOLDFAST_SOAK=1 $(BIN)/pytest -n 2 --dist loadfile -m "slow or not slow"

pictures: .venv/ready # the pictures of the README, in Debian's Chromium
	$(BIN)/python -m tests.pictures

first-hour: .venv/ready # docs/operator/first-hour.md, typed anew
	$(BIN)/python -m tests.whole.transcript docs/operator/first-hour.md

dist: .venv/ready # the wheel and the source archive
	$(BIN)/python -m build --no-isolation --outdir dist .

sbom: .venv/ready # what is in a release: build/sbom.cdx.json (CycloneDX) and build/licences.md
	mkdir -p build
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --output-format JSON \
	    --output-file build/sbom.cdx.json deploy/requirements.lock
	$(BIN)/pip-licenses --from=mixed --with-system --format=markdown --order=license --with-urls --output-file=build/licences.md \
	    --packages $$(sed -n 's/^\([A-Za-z0-9._-]*\)==.*/\1/p' deploy/requirements.lock)

bench: .venv/ready
	$(BIN)/python -m tests.bench

lock: .venv/ready
	$(BIN)/uv pip compile pyproject.toml --group dev --all-extras --universal --generate-hashes --no-header -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group build --all-extras --universal --generate-hashes --no-header \
	    --constraint requirements.lock --only-binary :all: -o deploy/requirements.lock

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Holdfast needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis demo
