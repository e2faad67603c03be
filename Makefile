# `make` alone lists the targets. Each is one script; what it does is written there.

.DEFAULT_GOAL := help
.PHONY: help run dev test check torture screenshots bench bench-lateness bench-page bench-insights fuzz openapi fmt doctor setup clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up, build, and serve the app on http://127.0.0.1:3000
	@scripts/run

dev: ## serve a development build that rebuilds and reloads when a file changes
	@scripts/setup && cargo leptos watch

test: ## every check, from formatting to journeys in a real browser
	@scripts/test

check: ## the quick checks: formatting, styles and lints
	@scripts/test fmt css types clippy clippy_wasm

torture: ## crash it on purpose and check that nobody was dialed twice and no call lost (ARGS="--kills 50 --seed 7")
	@scripts/torture $(ARGS)

bench: ## creates per second of a release build, and that every call ends (needs wrk)
	@scripts/setup && scripts/build && scripts/bench

bench-page: ## Lighthouse, weight, time to use and to the changed pixel, memory of an open tab (ARGS=lighthouse, MINUTES=60)
	@scripts/setup --test && scripts/build && npm --prefix end2end run --silent measure -- $(ARGS)

screenshots: ## every page and state in light and dark at three widths, as pictures in target/screenshots
	@scripts/setup --test && scripts/build && \
	  npm --prefix end2end run --silent screenshots -- "$(CURDIR)/target/screenshots"

bench-lateness: ## how late calls go out, idle and at 1,000 per second, on both databases (needs PostgreSQL's server)
	@cargo bench --bench lateness

bench-insights: ## how fast the insights of a million calls are, against a count of the calls themselves (needs PostgreSQL's server)
	@cargo bench --bench insights

fuzz: ## ask a release build whatever its OpenAPI document allows and forbids, for ten minutes; then fuzz the parsers
	@scripts/setup --test && scripts/build && scripts/fuzz 600 && scripts/fuzz_parsers

openapi: ## write docs/openapi.json anew from the code
	@document="$$(cargo run --quiet -- openapi)" && printf '%s\n' "$$document" >docs/openapi.json

fmt: ## format the Rust sources and the styles
	@scripts/fmt

doctor: ## say what is there and what is missing to build, run and test
	@scripts/doctor

setup: ## fetch what is missing to build and run (`scripts/setup --test`: also to test)
	@scripts/setup

clean: ## delete everything that was built; the data stays
	@scripts/clean
