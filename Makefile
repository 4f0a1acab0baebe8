# paydirt: `make` prints this help. Every target checks what it needs and installs it where it can.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

CASES ?= ../shared/cases
SEEDS ?= 500
PRESETS ?= medium mainnet
PAYDIRT := target/debug/paydirt
DIFF_TEST := target/debug/diff-test
FAULT_TEST := target/debug/fault-test

.PHONY: help setup build run stop test lint cases diff-test fault-test mutants bench bench-data bench-run bench-compare bench-nightly bench-rss pr clean

help: ## print this help
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: ## check Rust, cargo-nextest and PostgreSQL >= 15; install what is missing where that is possible
	@scripts/setup.sh

build: setup ## build the paydirt command
	cargo build --locked --package paydirt

run: build ## import the demo data, run its cutoffs on a PostgreSQL of our own, print what was paid
	@scripts/demo.sh $(PAYDIRT)

stop: build ## stop the PostgreSQL that `make run` started
	@$(PAYDIRT) db stop

lint: setup ## format check, mutants that still fit, and clippy with warnings as errors
	cargo fmt --all --check
	@for patch in crates/differential/mutants/*.patch; do git apply --check "$$patch" || { echo "error: $$patch no longer fits: a rule it breaks has moved; make it anew (make mutants)" >&2; exit 1; }; done
	cargo clippy --locked --workspace --all-targets -- --deny warnings

test: lint ## everything CI checks: lint, unit, property, database and fault tests, conformance cases, 40 random datasets
	cargo build --locked --package paydirt
	cargo nextest run --locked --workspace --no-tests fail
	cargo test --locked --workspace --doc --quiet
	cargo build --locked --package paydirt --package differential
	@scripts/cases.sh native $(PAYDIRT) fixtures/cases/*/ $(CASES)/*/
	@scripts/cases.sh sql $(PAYDIRT) fixtures/cases/*/ $(CASES)/*/
	$(DIFF_TEST) --seeds 40 --at-least-seconds 60 --at-most-seconds 900

cases: build ## run the conformance cases alone
	@scripts/cases.sh native $(PAYDIRT) fixtures/cases/*/ $(CASES)/*/

diff-test: setup ## both engines on SEEDS=500 random datasets; what differs is shrunk and saved as a case
	cargo build --locked --package differential
	$(DIFF_TEST) --seeds $(SEEDS)

fault-test: setup ## kill, crash, cut and fill up while paydirt works: 100 kills of runs, 100 of backfills, and more
	cargo build --locked --package paydirt --package fault-test
	$(FAULT_TEST)

mutants: setup ## break 26 rules one at a time: each must be caught by the datasets of `make test`
	@scripts/mutants.sh 40

bench: setup
	cargo build --locked --release --package paydirt --package benches

bench-data: bench ## datasets for bench-run (PRESETS="medium mainnet"), kept under target/bench
	for preset in $(PRESETS); do target/release/bench data history --preset $$preset; done

bench-run: bench ## first runs, nights, a backfill and yardsticks (PRESETS="medium mainnet"; benches/README.md says what it takes)
	for preset in $(PRESETS); do target/release/bench run history --preset $$preset; done

bench-compare: bench ## what bench-run measured, compared with benches/results, and what is to be reached
	for preset in $(PRESETS); do \
	  committed=benches/results/history-$$preset.json; \
	  if [ -f $$committed ]; then target/release/bench compare $$committed target/bench/history-$$preset.json; fi; \
	done
	target/release/bench targets $(PRESETS:%=target/bench/history-%.json)

bench-nightly: setup ## what one more day costs after 30 and after 240 days of history (about 10 minutes)
	cargo build --locked --release --package paydirt --package benches
	target/release/bench run nightly

bench-rss: setup ## peak memory of a first run of 100 thousand, 1 million and 10 million rows (about 10 minutes)
	cargo build --locked --release --package paydirt --package benches
	target/release/bench run rss

pr: test ## the same as CI

clean: ## remove what was built
	cargo clean
