# `make serve` and `make test` do everything from a fresh clone. Each first sees to it that what it needs is there, and says what it
# installs.

CARGO ?= cargo
ARGS ?=

# The tests of what is read and of what it costs, which continuous integration runs again with nothing kept.
KEPT := cost:: selection:: lists:: nodes:: paging:: scores:: writing:: live:: documents::

PLAYGROUND := src/http/playground
CLIENTS := tests/clients

.PHONY: serve test check laws fuzz soak bench bench-growth assets

## Build, make a private PostgreSQL in .marquee, load the demo catalogue into it if it is empty, and serve.
serve: assets
	@scripts/ensure postgresql
	$(CARGO) run --release --bin marquee -- serve --demo $(ARGS)

## Every test, against a real PostgreSQL, real clients and a real browser.
test: assets $(CLIENTS)/node_modules/.package-lock.json
	@scripts/ensure postgresql chromium
	CHROMIUM="$${CHROMIUM:-$$(command -v chromium || command -v chromium-browser || command -v google-chrome)}" \
		$(CARGO) test --workspace $(ARGS)

## What continuous integration runs.
check: assets $(CLIENTS)/node_modules/.package-lock.json
	$(CARGO) fmt --all --check
	$(CARGO) fmt --check --manifest-path fuzz/Cargo.toml
	$(CARGO) clippy --workspace --all-targets -- --deny warnings
	scripts/check-crates
	$(MAKE) test
	MARQUEE_ANSWER_CACHE=0 MARQUEE_ROW_CACHE=0 $(CARGO) test --test it -- $(KEPT)
	$(MAKE) laws
	FUZZ_SECONDS=10 $(MAKE) fuzz
	RUSTDOCFLAGS="--deny warnings" $(CARGO) doc --workspace --no-deps
	@scripts/ensure curl
	scripts/check-readme
	MARQUEE_TEST_REVIEWS=20000 MARQUEE_TEST_PROGRAM=$(CURDIR)/target/release/marquee $(CARGO) test --test it chaos

## The laws again, over many more cases than `make test` takes: any bytes at all get an answer and no panic, from documents, variables and
## costs to scores, pages, cursors, ids and the messages of WebSockets.
laws:
	PROPTEST_CASES=$${PROPTEST_CASES:-4000} $(CARGO) test --lib -- document:: global_id:: pagination:: original_score:: import::page:: \
		websocket:: http::request:: http::client:: laws::

## The same laws over inputs that libFuzzer finds by what code they reach, FUZZ_SECONDS (20) for each target. Without a nightly toolchain it
## says so, and `make laws` has to do.
fuzz: assets
	scripts/fuzz

## Ten minutes of everything at once, on the release build.
soak: assets
	@scripts/ensure postgresql
	$(CARGO) build --release
	MARQUEE_TEST_SOAK=600 MARQUEE_TEST_PROGRAM=$(CURDIR)/target/release/marquee $(CARGO) test --test it soak -- --nocapture

## How many pages a second, beside PostgreSQL itself and HTTP itself, three times over; the catalogue of a million reviews that it makes up is
## kept in target/bench. Then what the pure parts cost, in instructions.
bench: assets
	@scripts/ensure postgresql wrk valgrind
	$(CARGO) bench --bench throughput
	$(CARGO) bench --bench pure -- --instructions

## How cost grows with the catalogue, from 10,000 to 5,000,000 reviews: draws docs/growth.svg. Takes a quarter of an hour and 12 GB the first time.
bench-growth: assets
	@scripts/ensure postgresql wrk
	$(CARGO) bench --bench throughput -- --growth

## The npm packages that the playground is made of; the binary carries them.
assets: $(PLAYGROUND)/node_modules/.package-lock.json

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	@scripts/ensure cargo node
	npm ci --prefix $* --ignore-scripts --no-audit --no-fund
	@touch $@
