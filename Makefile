# Every target sets up what it needs in .venv first. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export OMP_NUM_THREADS ?= 1
# The suite starts this package some hundred times: what Python compiled once is kept.
unexport PYTHONDONTWRITEBYTECODE
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

.DEFAULT_GOAL := help
.PHONY: help setup demo image test test-busy test-kill test-kill-remote test-memory test-adversary test-thousand test-figures test-notebooks test-weights fuzz mutate lint format release release-check validate bench bench-sandboxes bench-resident bench-pages bench-scale bench-remote bench-peers browser clean

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --progress-bar off "$$(grep '^torch==' constraints.txt)"
	$(BIN)/python -m pip install --quiet --progress-bar off -c constraints.txt -e '.[dev]'
	touch $@

setup: $(STAMP) ## Make the environment (.venv) from the locked versions

demo: $(STAMP) ## Grade the sample submissions and say where the report is
	$(BIN)/autograder demo --jobs $(JOBS)

test: $(STAMP) ## Run the test suite (minutes); HOSTILE=1: with the hostile submissions, as CI does; LONG=1: with what takes long, too
	$(BIN)/python -m pytest -m "not slow$(if $(LONG),, and not long$(if $(HOSTILE),, and not hostile))" -n auto --dist loadfile --no-loadscope-reorder

.PHONY: test-random
test-random: $(STAMP) ## Try the properties on examples that no run had before; ARGS goes to pytest
	$(BIN)/python -m pytest -m "hypothesis and not slow" -n auto --hypothesis-profile=random $(ARGS)

.PHONY: test-newest
test-newest: ## Run the suite on the newest Python and torch that are there (NO_TORCH=1: what needs none); ARGS goes to pytest
	bash tests/newest.sh $(ARGS)

test-busy: $(STAMP) ## Run the suite while every core is busy with something else; ARGS goes to pytest
	$(BIN)/python tests/busy.py $(ARGS)

test-kill: $(STAMP) ## Kill the grader at random points of a 60-submission run, ten times
	$(BIN)/python -m pytest -m slow -k kill

test-kill-remote: $(STAMP) ## Kill workers, scheduler and grader of a Dask cluster at random, KILLS times
	KILLS=$(or $(KILLS),1000) $(BIN)/python -m pytest -m slow -s tests/workers/test_dask_kills.py

test-memory: $(STAMP) ## Grade 500 submissions and watch the grader's own memory
	$(BIN)/python -m benchmarks.memory

image: $(STAMP) ## Build the container image; BASE=--from-debian where there is no registry
	$(BIN)/autograder image build $(BASE)

test-adversary: $(STAMP) ## Grade the hostile submissions in every sandbox, and write their table into docs/security.md
	$(BIN)/python -m pytest tests/adversary --timeout=1500
	$(BIN)/python tests/adversary/table.py

test-thousand: $(STAMP) ## Grade 1,000 submissions, one in twenty hostile, in containers and in namespaces
	$(BIN)/python -m benchmarks.thousand

test-weights: $(STAMP) ## Count the reference models' right answers on the whole of CIFAR-10's test set
	$(BIN)/python -m pytest -m slow tests/reference_models

test-figures: $(STAMP) ## Make the course's figures on CIFAR-10 at full length and check that they say something
	$(BIN)/python -m pytest -m slow tests/content/test_figures.py $(ARGS)

test-notebooks: $(STAMP) ## Run every starter and every solution in a plain kernel, from unpacked bundles
	$(BIN)/python -m pytest tests/release/test_notebooks_run.py

fuzz: $(STAMP) ## Fuzz every reader of untrusted bytes for SECONDS each (an hour in all without); TARGETS names some
	$(BIN)/python -c 'import atheris' 2>/dev/null || $(BIN)/python -m pip install --quiet -c constraints.txt -e '.[fuzz]'
	$(BIN)/python tests/fuzz/fuzz.py $(if $(SECONDS),--seconds $(SECONDS)) $(TARGETS)

mutate: $(STAMP) ## Make small mistakes in the engine and see whether its tests notice; AREAS names some, SAMPLE=50 tries fewer
	$(BIN)/python tests/mutate/mutate.py --jobs $(JOBS) $(if $(SAMPLE),--sample $(SAMPLE)) $(AREAS)

lint: $(STAMP) ## Check style, types, and which room imports which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(STAMP) ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

release: $(STAMP) ## Generate the starter notebooks from the masters
	$(BIN)/autograder release

release-check: $(STAMP) ## Fail if a starter notebook is stale
	$(BIN)/autograder release --check

validate: $(STAMP) ## Prove the hidden tests: solution, starter, right and wrong variants; of the examples, too
	$(BIN)/autograder validate
	for course in examples/*/; do $(BIN)/autograder validate --course "$$course" || exit 1; done

bench: $(STAMP) ## Time per submission, split by stage, and overhead / own compute; ARGS="--beside REF" takes turns with a version
	$(BIN)/python -m benchmarks.throughput
	$(BIN)/python -m benchmarks.overhead $(ARGS)

bench-sandboxes: $(STAMP) ## A submission in a warm container slot beside a namespace slot, and their cold starts
	$(BIN)/python -m benchmarks.sandboxes

bench-resident: $(STAMP) ## What one hand-in waits: the resident grader beside the one-off command
	$(BIN)/python -m benchmarks.resident

bench-pages: $(STAMP) ## Measure the pages for teachers of a class of 400: sizes, and how long a browser takes to open them
	$(BIN)/python -m benchmarks.pages $(ARGS)

bench-scale: $(STAMP) ## What a large class costs a submission beside a small one: processor time and memory
	$(BIN)/python -m benchmarks.scale $(ARGS)

.PHONY: bench-slots
bench-slots: $(STAMP) ## Memory of 1, 2, 4 and 8 slots at once, started one by one and forked from a template
	$(BIN)/python -m benchmarks.slots $(ARGS)

.PHONY: term
term: $(STAMP) ## A term of N students (100000): what it costs to compute all grades again; ARGS=--apply writes them, too
	$(BIN)/python -m benchmarks.term --students 1000 $(or $(N),100000) $(ARGS)

bench-remote: $(STAMP) ## Slots behind a launcher and on a Dask cluster beside slots of this machine
	$(BIN)/python -m benchmarks.remote

bench-peers: $(STAMP) ## nbgrader, otter-grader and this grader on the same submissions
	$(BIN)/python -m benchmarks.peers

.PHONY: bench-legacy test-peers
bench-legacy: $(STAMP) ## Public courses of nbgrader and otter, graded by them and here; COURSES is the folder with their clones
	$(BIN)/python -m benchmarks.legacy courses $(COURSES) $(ARGS)

test-peers: $(STAMP) ## Grade with nbgrader itself beside this grader, cell by cell
	$(BIN)/python -m pytest -m slow tests/exchange

.PHONY: test-gradescope
test-gradescope: $(STAMP) ## Run the Gradescope zip in a container as Docker's defaults have it; ENGINE, IMAGE, PROFILE
	ENGINE="$(ENGINE)" IMAGE="$(IMAGE)" PREFIX="$(PREFIX)" PROFILE="$(PROFILE)" $(BIN)/python -m pytest -m slow -n 0 -s tests/exchange/test_gradescope_container.py $(ARGS)

.PHONY: bench-small
bench-small: $(STAMP) ## Courses without torch beside the torch course: install size, start-up, one more; ARGS=--installs: time of pip, too
	$(BIN)/python -m benchmarks.small_course $(ARGS)

.PHONY: bench-similar
bench-similar: $(STAMP) ## Synthetic classes: how often different hands are called similar, and how many copies are found
	$(BIN)/python -m benchmarks.similar

.PHONY: docs
docs: $(STAMP) ## Build the documentation as a site in build/docs; a link that leads nowhere fails
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build

.PHONY: pictures
pictures: $(STAMP) ## Make the pictures of the documentation from a small class, in headless Chromium
	PYTHONPATH=. $(BIN)/python docs/pictures.py

clean: ## Remove the environment and everything generated
	rm -rf $(VENV) results demo-results build benchmarks/out .pytest_cache .mypy_cache .ruff_cache .hypothesis
