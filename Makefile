# What a person types: `make demo`, `make test`, `make bench`. See `make help`.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

TESTBED := tests/testbed

.PHONY: help
help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: cluster-up
cluster-up: ## Start the testbed: a real one-node cluster (needs root; the first time builds it, about 8 minutes)
	@$(TESTBED)/up

.PHONY: cluster-down
cluster-down: ## Stop the testbed and remove what it made
	@$(TESTBED)/down

.PHONY: cluster-status
cluster-status: ## Say what of the testbed runs, and where
	@$(TESTBED)/status
