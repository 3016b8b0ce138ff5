# `make serve` and `make test` work from a fresh clone. Each target first checks its requirements, installs missing ones
# and prints what it installs.

CARGO ?= cargo
ARGS ?=

# The number of tests at a time. They mostly wait, for processes and timeouts.
export RUST_TEST_THREADS ?= $(shell echo $$((($$(getconf _NPROCESSORS_ONLN) * 3 + 1) / 2)))

PLAYGROUND := src/http/playground
CLIENTS := tests/clients

# What the tests of clients need: npm packages, and an environment of Python for each lockfile.
CLIENT_PACKAGES := $(CLIENTS) $(addprefix $(CLIENTS)/,relay libraries codegen houdini gateway lint)
PYTHON_CLIENTS := target/clients-python
CLIENT_TESTS := $(addsuffix /node_modules/.package-lock.json,$(CLIENT_PACKAGES)) \
	$(addprefix $(PYTHON_CLIENTS)/,gql/.installed codegen/.installed)

.PHONY: serve quick release test test-postgresql check properties fuzz soak bench bench-growth assets

## Build, create a private PostgreSQL in .marquee, load the demo catalogue into it if it is empty, and serve.
serve: assets
	@scripts/ensure postgresql
	$(CARGO) run --profile quick --bin marquee -- serve --demo $(ARGS)

## Build the server of `make serve`: target/quick/marquee.
quick: assets
	$(CARGO) build --profile quick --bin marquee

## Build the faster server, with link-time optimization: target/release/marquee.
release: assets
	$(CARGO) build --release --bin marquee

## Run all tests, with a real PostgreSQL, pooler and proxy, real clients and a real browser.
test: assets $(CLIENT_TESTS)
	@scripts/ensure postgresql chromium pgbouncer haproxy nginx varnish promtool node20
	CHROMIUM="$${CHROMIUM:-$$(command -v chromium || command -v chromium-browser || command -v google-chrome)}" \
		$(CARGO) test --workspace $(ARGS)

## Run all tests on another major version of PostgreSQL: make test-postgresql VERSION=18. The version is installed below
## target.
test-postgresql: assets $(CLIENT_TESTS)
	@scripts/ensure chromium pgbouncer haproxy nginx varnish promtool node20
	programs=$$(scripts/postgresql $(VERSION)) && PATH="$$programs:$$PATH" MARQUEE_TEST_POSTGRESQL=$(VERSION) \
		CHROMIUM="$${CHROMIUM:-$$(command -v chromium || command -v chromium-browser || command -v google-chrome)}" \
		$(CARGO) test --workspace $(ARGS)

## Run the checks of continuous integration.
check: assets $(CLIENT_TESTS)
	scripts/check

## Run the property tests with many more cases than `make test`: arbitrary input gets a response and causes no panic.
## They cover documents, variables, costs, scores, pages, cursors, ids and WebSocket messages.
properties:
	PROPTEST_CASES=$${PROPTEST_CASES:-4000} $(CARGO) test --lib -- document:: global_id:: pagination:: original_score:: import::page:: \
		websocket:: http::request:: http::client:: properties::

## Test the same properties with coverage-guided inputs from libFuzzer, FUZZ_SECONDS (20 by default) for each target.
## Without a nightly toolchain it prints a note and does nothing; `make properties` is the alternative.
fuzz: assets
	scripts/fuzz

## Run all kinds of requests concurrently for ten minutes, on the quick build.
soak: assets
	@scripts/ensure postgresql
	$(CARGO) build --profile quick
	MARQUEE_TEST_SOAK=600 MARQUEE_TEST_PROGRAM=$(CURDIR)/target/quick/marquee $(CARGO) test --test it soak -- --nocapture

## Measure the throughput, compared with PostgreSQL alone and HTTP alone, in three runs. The generated catalogue of a
## million reviews stays in target/bench. Then measure searches, compared with pg_trgm, and the instructions of the pure
## parts.
bench: assets
	@scripts/ensure postgresql wrk valgrind
	$(CARGO) bench --bench throughput
	$(CARGO) bench --bench search
	$(CARGO) bench --bench pure -- --instructions

## Measure the latency by the size of the catalogue, from 10,000 to 5,000,000 reviews, and draw docs/growth.svg. The
## first run takes 15 minutes and 12 GB.
bench-growth: assets
	@scripts/ensure postgresql wrk
	$(CARGO) bench --bench throughput -- --growth

## Install the npm packages of the playground, which are embedded in the binary.
assets: $(PLAYGROUND)/node_modules/.package-lock.json

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	@scripts/ensure cargo node
	npm ci --prefix $* --ignore-scripts --no-audit --no-fund
	@touch $@

$(PYTHON_CLIENTS)/%/.installed: tests/clients-python/%.txt
	@scripts/ensure python
	python3 -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@
