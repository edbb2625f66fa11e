# `make demo` and `make test` do all the set-up they need.
#   make CONSTRAINTS=/dev/null demo      newest versions instead of the tested ones; takes the torch pip finds (CUDA on Linux)
PYTHON ?= python3
VENV ?= .venv
CORES ?= 2
CONSTRAINTS ?= constraints.txt
EXTRA ?= dev
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
RUN := PATH="$(CURDIR)/$(BIN):$$PATH" snakemake --cores $(CORES)

TEST := $(BIN)/pytest -q -n $(CORES) --dist loadfile --no-loadscope-reorder --durations=15 -m "not slow and not slurm"
MKDOCS := NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs
FUZZ_SECONDS ?= 600
GENOMES ?= 6
MEGABASES ?= 3100
BENCHMARKS := lift align sequences locate motifs loader train_deepbind noise train_deepsea train_seeds score_variants correlation metrics bootstrap audit startup scale demo

.PHONY: demo rehearsal test check coverage test-slow test-slurm fuzz lint docs rulegraph conda-lock bench programs clean

demo: $(INSTALLED) programs ## the whole workflow on simulated data, to results/demo/index.html
	$(RUN) --configfile config/demo.yaml
	$(RUN) --configfile config/demo.yaml --report results/demo/report.html
	@echo "All results on one page: $(CURDIR)/results/demo/index.html (and, with the workflow, results/demo/report.html)"

rehearsal: $(INSTALLED) programs ## the paper's workflow on a made world of real size, for hours; small: GENOMES=2 MEGABASES=30
	$(BIN)/python benchmarks/rehearse.py --genomes $(GENOMES) --megabases $(MEGABASES) --cores $(CORES)

test: lint check ## what CI asks: style, types, and all tests but those below

check: $(INSTALLED) programs ## the tests alone
	$(TEST)

coverage: $(INSTALLED) programs ## the same tests, with the lines and branches that they leave out
	$(TEST) --cov --cov-report=term:skip-covered

test-slow: $(INSTALLED) programs ## the slow tests
	$(BIN)/pytest -q -m slow

test-slurm: $(INSTALLED) programs ## on a SLURM of one node, which is installed if need be, started and stopped; root, Debian
	$(BIN)/pip install --quiet --constraint $(CONSTRAINTS) --editable '.[slurm]'
	@command -v slurmctld >/dev/null || sh envs/install-slurm.sh
	$(BIN)/pytest -q -m slurm

fuzz: $(INSTALLED) programs ## damaged configurations, tables and files, new ones every time, for ten minutes; figures of each kind
	export REGSSL_FUZZ=1 REGSSL_FUZZ_FIGURES=$$(mktemp) failed=0; end=$$(($$(date +%s) + $(FUZZ_SECONDS))); \
	while [ $$(date +%s) -lt $$end ]; do $(BIN)/pytest -q -n $(CORES) --no-cov tests/fuzz || failed=1; done; \
	PYTHONPATH=src:tests $(BIN)/python -m helpers.damage "$$REGSSL_FUZZ_FIGURES"; exit $$failed

lint: $(INSTALLED) ## style, types, workflow, pages and their links
	$(BIN)/ruff check src tests benchmarks docs/hooks
	$(BIN)/ruff format --check src tests benchmarks docs/hooks
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/snakefmt --no-sort --check Snakefile workflow
	PATH="$(CURDIR)/$(BIN):$$PATH" snakemake --lint --configfile config/demo.yaml
	$(MKDOCS) build --quiet --strict --site-dir build/docs-without-outputs

docs: $(INSTALLED) programs ## the manual, to build/docs/index.html; runs the tutorial
	PATH="$(CURDIR)/$(BIN):$$PATH" REGSSL_EXECUTE_NOTEBOOK=true $(MKDOCS) build --strict

rulegraph: $(INSTALLED) ## the picture of the demo's rules in docs/how/data.md; needs graphviz
	$(RUN) --configfile config/demo.yaml --rulegraph | dot -Tsvg > docs/figures/rulegraph.svg

conda-lock: ## the exact conda packages of envs/conda.yaml, to envs/conda-lock.yml; needs pipx and conda
	pipx run conda-lock lock $(if $(CONDA),--conda $(CONDA)/bin/conda) --file envs/conda.yaml --lockfile envs/conda-lock.yml

bench: $(INSTALLED) programs ## speed, as ratios
	for name in $(BENCHMARKS); do $(BIN)/python benchmarks/$$name.py || exit 1; done

$(INSTALLED): pyproject.toml $(filter-out /dev/null,$(CONSTRAINTS))
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint $(CONSTRAINTS) --editable '.[$(EXTRA)]'
	touch $@

# the two that pip cannot install; the demo does without lastz, which aligns genomes
programs:
	@command -v bedtools >/dev/null || sh envs/install-program.sh bedtools
	@command -v lastz >/dev/null || sh envs/install-program.sh lastz || [ -z "$(filter test% check coverage,$(MAKECMDGOALS))" ]

clean: ## everything that was made
	rm -rf $(VENV) results/demo .snakemake .pytest_cache .mypy_cache .ruff_cache
