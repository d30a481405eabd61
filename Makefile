# newscandle: `make demo` and `make test` each set everything up by themselves.
VENV := .venv
PY   := $(VENV)/bin/python
UV   := $(VENV)/bin/uv
# all but hub, whose gigabytes stay out of the lock
EXTRAS := $(addprefix --extra ,postgres quant pdf dask neural mcp otel)
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes $(EXTRAS) --group dev \
	--custom-compile-command "make lock" pyproject.toml

.PHONY: setup demo test lint format lock lock-check clean
setup: $(VENV)/.stamp

$(UV):
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check 'uv>=0.13,<0.14'

$(VENV)/.stamp: $(UV) requirements.lock pyproject.toml
	$(UV) pip sync --quiet --python $(PY) --require-hashes --compile-bytecode requirements.lock
	$(UV) pip install --quiet --python $(PY) --no-deps --no-build-isolation -e .
	@touch $@

demo: setup
	$(VENV)/bin/newscandle demo

test: setup
	OPENBLAS_NUM_THREADS=1 $(PY) -m pytest -n 3 --dist worksteal

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: setup
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

lock: $(UV)
	$(COMPILE) --output-file requirements.lock

lock-check: $(UV)
	cp requirements.lock $(VENV)/lock-check.txt
	$(COMPILE) --output-file $(VENV)/lock-check.txt >/dev/null
	diff requirements.lock $(VENV)/lock-check.txt
	! grep -nE '(https?|file)://' requirements.lock

clean:
	rm -rf $(VENV) demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
