# One word each. `make test` is all a fresh clone needs.
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := build
.PHONY: setup judges build test test-flink bench soak fuzz schemas lint format up tour package test-package \
	recovery-times sizing

SEED ?= 1
# How many events the longest storm has, and which suites are storms: ONLY='Soak: the program' is one of them.
EVENTS ?= 2000000
# How many orders the longest trading day has.
ORDERS ?= 100000
ONLY ?= Soak
# A hung test is a failure, not a wait.
TEST_LIMIT ?= 50m
# One test at a time: many start processes or work the disk, and on two cores their time limits would meet each other.
TEST := swift test --skip-build --no-parallel
SOAK_LIMIT ?= 6h
# Its log is named for the goal.
CLOSING = python3 deploy/closing.py .build/$@.log
SOURCES := Sources Tests Package.swift
# An import of a target that the manifest does not name is an error.
STRICT := --explicit-target-dependency-import-check error

setup:
	@bash deploy/setup.sh

judges: setup
	@bash deploy/fetch-judges.sh

build:
	swift build --build-tests $(STRICT)

test: judges build
	@set -o pipefail; timeout --foreground --kill-after=30 $(TEST_LIMIT) $(TEST) 2>&1 | $(CLOSING)

# deploy/flink in a real Flink (330 MB from PyPI, once): its queries come to what our own folds come to.
test-flink: setup build
	@set -o pipefail; TORGHUT_FLINK=1 timeout --foreground --kill-after=30 $(TEST_LIMIT) \
		$(TEST) --filter 'in a real Flink' 2>&1 | $(CLOSING)

bench: setup
	swift build -c release --product torghut $(STRICT)
	swift build -c release --product Benchmarks $(STRICT)
	"$$(swift build -c release --show-bin-path)/Benchmarks"

# The storms: suites with Soak in their name, long and seeded. A run that found none of them is no success.
# The program they drive is the one that is shipped.
soak: setup build
	swift build -c release --product torghut $(STRICT)
	swift build -c release --product torghut-sim $(STRICT)
	swift build -c release --product lean-runner $(STRICT)
	@set -o pipefail; TORGHUT_SOAK=1 TORGHUT_SEED=$(SEED) TORGHUT_EVENTS=$(EVENTS) \
		TORGHUT_ORDERS=$(ORDERS) \
		TORGHUT_PROGRAM="$$(swift build -c release --show-bin-path)/torghut" \
		timeout --foreground --kill-after=30 $(SOAK_LIMIT) $(TEST) --filter '$(ONLY)' 2>&1 | $(CLOSING)

# libFuzzer on the readers of events, for so many seconds.
FUZZ_SECONDS ?= 60
fuzz: setup
	bash deploy/fuzz/fuzz.sh $(FUZZ_SECONDS)

# The files of schemas/, as the program derives them, and ClickHouse's tables, as they follow from these.
schemas: setup
	swift run torghut schemas write
	python3 -B deploy/clickhouse/ddl.py

lint:
	@swift format lint --strict --recursive --parallel $(SOURCES)
	@echo "lint: nothing to say"

format:
	swift format format --in-place --recursive --parallel $(SOURCES)

# The whole system, with a simulated broker: make up ARGS='--rate 10'.
ARGS ?=
up: setup
	swift build -c release --product torghut $(STRICT)
	swift build -c release --product torghut-sim $(STRICT)
	swift build -c release --product lean-runner $(STRICT)
	exec "$$(swift build -c release --show-bin-path)/torghut" up $(ARGS)

# The pictures of docs/tour.md, made anew from a system that runs.
tour: setup build
	bash deploy/console-check/tour.sh "$$(swift build --show-bin-path)/torghut" docs/tour

# The release: one tarball with everything that a bare Debian 12 needs beside its packages (docs/kubernetes.md#the-release).
package: setup
	bash deploy/package/package.sh

# Unpacks it on a bare Debian 12, made for that, and runs it there. Needs root, mmdebstrap and a Debian mirror.
test-package:
	bash deploy/package/test-package.sh

# How long the recoveries take that the runbooks describe, on this machine, with the programs as they are shipped.
REHEARSED := disaster-recovery kafka-recovery rollback-rehearsal emergency-safe-posture secret-rotation
recovery-times: setup
	swift build -c release --product torghut $(STRICT)
	swift build -c release --product torghut-sim $(STRICT)
	swift build -c release --product lean-runner $(STRICT)
	/usr/bin/python3 deploy/runbooks/rehearse.py $(REHEARSED:%=docs/runbooks/%.md) \
		--programs "$$(swift build -c release --show-bin-path)" --times docs/runbooks/recovery-times.md

# The table of docs/sizing.md, from what docs/benchmarks.md measured.
sizing:
	/usr/bin/python3 deploy/sizing/size.py
