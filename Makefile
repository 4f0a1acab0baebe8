# paydirt: `make` prints this help. Every target checks what it needs and installs it where it can.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

CASES ?= ../shared/cases
PAYDIRT := target/debug/paydirt

.PHONY: help setup build run stop test lint cases pr clean

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

lint: setup ## format check, and clippy with warnings as errors
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- --deny warnings

test: lint ## everything CI checks: lint, unit, property and database tests, conformance cases
	cargo nextest run --locked --workspace --no-tests fail
	cargo test --locked --workspace --doc --quiet
	@scripts/cases.sh $(PAYDIRT) fixtures/cases/*/ $(CASES)/*/

cases: build ## run the conformance cases alone
	@scripts/cases.sh $(PAYDIRT) fixtures/cases/*/ $(CASES)/*/

pr: test ## the same as CI

clean: ## remove what was built
	cargo clean
