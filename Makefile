# What a person types: `make demo`, `make test`, `make bench`. See `make help`.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

TESTBED := tests/testbed
STATE := $(or $(TESTBED_STATE),/var/lib/kubectl-buildkit/$(or $(TESTBED_NAME),testbed))
TESTBED_ENV := $(STATE)/testbed.env
DAEMON_ENV := $(STATE)-daemon/daemon.env

# Where tools that the checks need are kept, outside of the repository.
CACHE ?= $(or $(TESTBED_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/kubectl-buildkit)
DENY_VERSION := 0.20.2
DENY := $(CACHE)/cargo-deny-$(DENY_VERSION)/bin/cargo-deny

# Tools that pack a release. They run for seconds, so they are compiled quickly rather than well.
CARGO_DEB := $(CACHE)/cargo-deb-3.8.0/bin/cargo-deb
CARGO_GENERATE_RPM := $(CACHE)/cargo-generate-rpm-0.21.1/bin/cargo-generate-rpm
CARGO_CYCLONEDX := $(CACHE)/cargo-cyclonedx-0.5.9/bin/cargo-cyclonedx
PACKERS := $(CARGO_DEB) $(CARGO_GENERATE_RPM) $(CARGO_CYCLONEDX)
export CARGO_DEB CARGO_GENERATE_RPM CARGO_CYCLONEDX

# Where a release is packed, and the program of the tests.
DIST ?= $(CURDIR)/dist
TEST_DIST := $(CURDIR)/target/dist

.PHONY: help
help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: demo
demo: ## From nothing to a running image; CONTEXT=name REGISTRY=host/path uses your own cluster
	@tests/demo/run

.PHONY: test
test: cluster-up daemon-up check test-dist ## Every test there is, on the testbed (needs root)
	tests/testbed/selftest
	KUBECTL_BUILDKIT_DAEMON=$(DAEMON_ENV) KUBECTL_BUILDKIT_TESTBED=$(TESTBED_ENV) \
		KUBECTL_BUILDKIT_DIST=$(TEST_DIST) KUBECTL_BUILDKIT_KREW=$$($(TESTBED)/binaries krew) \
		KUBECTL_BUILDKIT_FRESH_ROOT=$$($(TESTBED)/fresh-root) \
		cargo test --locked --test suite -- --skip hermetic::
	DEMO_PROFILE=dev tests/demo/run
	cargo install --locked --debug --path . --target-dir target --root $$(mktemp -d) --no-track
	@echo "All tests passed."

.PHONY: check
check: lint deny ## What needs neither cluster nor daemon: format, lints, dependencies, unit and wire tests
	cargo test --locked --lib --bins --test architecture
	cargo test --locked --test suite hermetic::
	tests/check-targets

.PHONY: lint
lint: ## Format and lints
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	tests/lint-shell
	tests/lint-workflows

.PHONY: program
program: ## Lints and a run of the program alone: for systems that the tests are not written for
	cargo clippy --locked --lib --bins -- -D warnings
	cargo run --locked --quiet -- --help

.PHONY: deny
deny: $(DENY) ## Licences and sources of the dependencies
	$(DENY) --locked --log-level error check bans licenses sources

$(DENY):
	@echo "Building cargo-deny, once: about 4 minutes"
	cargo install --locked --version $(DENY_VERSION) --root $(CACHE)/cargo-deny-$(DENY_VERSION) cargo-deny

.PHONY: dist
dist: $(PACKERS) ## What a release consists of, for the platforms that can be built here, in dist/
	packaging/dist $(DIST)

.PHONY: pack
pack: $(PACKERS) ## The same of programs that are built: PROGRAMS='TARGET=PATH ...'
	packaging/pack $(DIST) $(PROGRAMS)

.PHONY: test-dist
test-dist: $(PACKERS)
	tests/testbed/need rpm:rpm zip:zip unzip:unzip man:man-db strip:binutils \
		/usr/share/bash-completion/bash_completion:bash-completion
	$(TESTBED)/binaries krew
	$(TESTBED)/fresh-root
	packaging/dist $(TEST_DIST) dev

.PHONY: reproducible
reproducible: $(PACKERS) ## Build and pack twice, in different folders, and compare
	packaging/reproducible

# $(CACHE)/NAME-VERSION/bin/NAME, built once.
$(PACKERS):
	@echo "Building $(@F), once: 1 to 2 minutes"
	CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_DEBUG=0 \
		CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
		cargo install --locked --version $(patsubst $(CACHE)/$(@F)-%/bin/$(@F),%,$@) --root $(@D)/.. $(@F)

.PHONY: bench
bench: cluster-up ## This plugin beside docker buildx, in one run on the testbed; RUNS=3
	@tests/bench/run --runs $(or $(RUNS),3)

.PHONY: cluster-up
cluster-up: ## Start the testbed: a real cluster of two nodes (needs root; the first time builds it, about 10 minutes)
	@$(TESTBED)/up

.PHONY: cluster-down
cluster-down: ## Stop the testbed and remove what it made
	@$(TESTBED)/down

.PHONY: cluster-status
cluster-status: ## Say what of the testbed runs, and where
	@$(TESTBED)/status

.PHONY: daemon-up
daemon-up: ## Start a buildkitd without a cluster, for the tests that need no more
	@$(TESTBED)/daemon up

.PHONY: generate
generate: ## Write anew what follows from the program: completions, man pages, the README's tables and picture
	UPDATE=1 cargo test --locked --test suite generated

.PHONY: record
record: cluster-up ## Record the session of the README's picture anew, on the testbed, and draw it
	RECORD=1 KUBECTL_BUILDKIT_TESTBED=$(TESTBED_ENV) cargo test --locked --test suite cluster::session
	UPDATE=1 cargo test --locked --test suite hermetic::generated_picture
