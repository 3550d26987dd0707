# Each target sets up what it needs of the locked environment in .venv first, and no more, when
# uv.lock has changed since.
# Nothing is installed outside this folder.

.PHONY: results test test-slurm test-browser check bench environment cluster clean
.DEFAULT_GOAL := results

# Python keeps what it has compiled of a package, also where the user's shell tells it not to: else
# each process of a run would compile it again.
export PYTHONDONTWRITEBYTECODE =

CORES ?= $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
run := .venv/.run
ready := .venv/.ready
cluster := .venv/.cluster
browser := .venv/.browser

## The default study, into results/heights/.
results: $(run)
	@.venv/bin/stature setup
	@$(MAKE) --no-print-directory results/galton.html
	@.venv/bin/stature plan | grep '^Time'
	.venv/bin/snakemake --cores $(CORES)

# Something to look at while the study runs.
results/galton.html: data/galton_1886_children.csv | $(run)
	@.venv/bin/stature fit $< --unit in --group sex --hide-group --page $@ >/dev/null
	@echo "A first picture: $@, the heights that Galton published in 1886, whose sex is hidden."

## All tests, a file at a time on each core; four at most, since each compiles the kernels anew.
test: $(ready)
	.venv/bin/pytest --numprocesses auto --maxprocesses 4 --dist loadfile

## The workflow on a real Slurm of three nodes, which has to be installed: tests/slurm/install.sh.
test-slurm: $(cluster)
	.venv/bin/pytest -rs tests/slurm

## The pages in a browser, which has to be installed: tests/browser/install.sh.
test-browser: $(browser)
	.venv/bin/pytest -rs tests/browser

## Formats, lints, types, layers, spelling.
check: $(ready)
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/snakefmt --check Snakefile workflow
	.venv/bin/lint-imports
	.venv/bin/codespell
	.venv/bin/basedpyright

## Speed against peers and the limits, and whole runs, into benchmarks/; a quarter of an hour, quiet.
bench: $(ready)
	.venv/bin/python -m benchmarks

environment: $(ready)

## The environment with what a cluster with Slurm needs besides: docs/cluster.md.
cluster: $(cluster)

## Generated files; the environment stays.
clean:
	find results -mindepth 1 ! -name README.md -delete
	rm -rf .snakemake

# uv is used where it is there, and else brought into .venv from PyPI. No Python is downloaded: it
# would lie outside this folder.
define set_up
	@if command -v uv >/dev/null; then \
	    UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never \
	        uv sync --frozen $(1); \
	else \
	    for python in python3 python3.14 python3.13 python3.12 python3.11 none; do \
	        $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	    done; \
	    if [ $$python = none ]; then \
	        echo 'Python 3.11 or newer is needed, and was not found as python3.' >&2; exit 1; \
	    fi; \
	    { [ -x .venv/bin/uv ] || { \
	        $$python -m venv --clear .venv && \
	        .venv/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check uv; \
	    }; } && \
	    UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never UV_CACHE_DIR=.venv/cache \
	        .venv/bin/uv sync --frozen --inexact \
	        $(filter-out --inexact,$(1)) && \
	    rm -rf .venv/cache; \
	fi
	@touch $@
endef

# What a run needs; what is there beside it for tests stays. Python compiles what it imports, once;
# all that is there would be 160 MB and half a minute more.
$(run): uv.lock pyproject.toml
	$(call set_up,--no-dev --inexact)

# With what tests and checks need. Byte-compiled, so that processes of tests do not do it at once.
$(ready): uv.lock pyproject.toml
	$(call set_up,--compile-bytecode)

$(cluster): $(ready)
	@PATH="$$PATH:$(CURDIR)/.venv/bin" UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never \
	    uv sync --frozen --no-cache --inexact --compile-bytecode --group cluster
	@touch $(cluster)

# With what drives a browser.
$(browser): $(ready)
	$(call set_up,--compile-bytecode --inexact --group browser)
