# Every verb brings what it needs; `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup components build demo test check bench bless faults crash

# Native builds name no package: with another choice of packages come other features, and wasmtime would be compiled anew.
CARGO   ?= cargo
WASM    := target/wasm32-wasip2/wasm
PLUGIN  := $(WASM)/qualys_connector.wasm
HARNESS := target/debug/harness
SIMULATOR := target/debug/simulator
DEMO    := target/demo
SCENARIOS := $(sort $(wildcard fixtures/qualys/*/))

help: ## Lists the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Installs the WebAssembly target; does nothing when it is there
	@rustup target list --installed | grep -qx wasm32-wasip2 || rustup target add wasm32-wasip2

components: setup ## Builds the connector and the components that tests use
	$(CARGO) build --locked --package qualys-connector --target wasm32-wasip2 --profile wasm
	$(CARGO) build --locked --package test-guests --examples --target wasm32-wasip2 --profile wasm

build: components ## Builds everything
	$(CARGO) build --locked

demo: build ## Starts a simulated subscription, tests the way to it, syncs it, and asks the store three questions
	@CARGO="$(CARGO)" sh fixtures/demo.sh $(HARNESS) $(PLUGIN) $(SIMULATOR) $(DEMO)

test: components ## Runs every test
	$(CARGO) test --locked --workspace --features host-harness/failpoints

check: test ## Everything that must hold before a commit: tests, format, lints, documentation
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets --features host-harness/failpoints -- -D warnings
	$(CARGO) clippy --locked --package qualys-connector --package test-guests --target wasm32-wasip2 --profile wasm -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps

bench: components ## Measures the connector, the same code natively, and the host; writes target/bench.json
	$(CARGO) build -q --locked --profile wasm --package bench --no-default-features --bin native
	$(CARGO) build -q --locked --release --package simulator
	$(CARGO) run -q --locked --release --package bench --bin bench -- $(PLUGIN) target/wasm/native target/release/simulator target/bench.json

faults: components ## Random faults at every exchange of a sync; RUNS=200 SEED=1
	RUNS=$(or $(RUNS),200) SEED=$(or $(SEED),1) $(CARGO) test --locked --workspace --features host-harness/failpoints --test faults -- --nocapture

crash: components ## Kills the host at random moments of a sync; RUNS=50 SEED=1
	RUNS=$(or $(RUNS),50) SEED=$(or $(SEED),1) $(CARGO) test --locked --workspace --features host-harness/failpoints --test crash -- --nocapture

bless: build ## Writes the expected lines of every scenario anew; the diff is the review
	$(HARNESS) replay --bless $(PLUGIN) $(SCENARIOS)
	$(HARNESS) replay --bless $(WASM)/examples/csv.wasm $(sort $(wildcard host-harness/tests/scenarios/csv/*/))
	for case in fixtures/connectivity/*/; do $(HARNESS) test-connectivity --component $(PLUGIN) --replay $$case | grep '^  ' >$$case/expected.txt; done
