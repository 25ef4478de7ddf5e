# The two commands are `make run` and `make test`; nothing needs to be installed before, except git, make and
# Python 3.11 or newer. Arguments: make run ARGS="--port 8080"   make test TESTS="tests/desk -k race"
.PHONY: run test lint check lock screens bench clean
MAKEFLAGS += --no-print-directory
BIN = .venv/bin
TESTS ?= tests
PYTEST = $(BIN)/pytest -q -n logical --maxprocesses 4 --durations=15

run:
	@tools/venv.sh
	@exec $(BIN)/jiuye run $(ARGS)

test: lint
	@tools/browser.sh
	PYTHONOPTIMIZE=1 $(PYTEST) -m "not browser" tests/policy tests/foundation
	$(PYTEST) $(TESTS)

lint: .venv-dev
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: .venv-dev
.venv-dev:
	@tools/venv.sh dev

# Exact versions with hashes, for Python 3.11 on; review the difference before committing it.
lock: .venv-dev
	for name in requirements-tools requirements requirements-dev; do \
		$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--custom-compile-command "make lock" $$name.in -o $$name.lock || exit 1; \
	done

screens: .venv-dev
	@tools/browser.sh
	$(BIN)/python -m tests.screens $(ARGS)

bench: .venv-dev
	$(BIN)/python -m benchmarks $(ARGS)

# Everything that can be made again. The database of `make run` stays: it is in var.
clean:
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
