# SPDX-License-Identifier: BSD-2-Clause
# The commands of the README.  Each says what it does, and stops with one line when it can't go on.

PORT ?= 5060
TIME ?= 30m
SHARE ?= 0.5
NICE ?= 10
PREFIX ?= /usr/local
SEEDS ?= 1000
FIRST_SEED ?= 1

.PHONY: build docs install run test bench simulate clean

build:
	@tools/build.sh build

docs:
	@tools/install_packages.sh docs
	@tools/check_docs.py
	@echo "docs: begin at build/html/index.html"

install:
	@tools/install_packages.sh build
	@tools/build.sh build
	@tools/install.sh build $(PREFIX)

run:
	@tools/install_packages.sh build
	@tools/build.sh build
	@tools/run_demo.sh $(PORT)

test:
	@tools/install_packages.sh build test
	@tools/run_tests.py

.PHONY: explore
explore:
	@tools/install_packages.sh build test
	@tools/build.sh build
	@tools/explore.sh

.PHONY: test-full
test-full:
	@tools/install_packages.sh build test
	@tools/run_tests.py --full

# TIME of each target, a minute unless it is given.
.PHONY: fuzz
fuzz:
	@tools/install_packages.sh build test
	@tests/fuzz/run.py --time $(if $(filter file undefined,$(origin TIME)),60,$(TIME))

bench:
	@tools/install_packages.sh build test
	@tools/build.sh build
	@bench/all.sh

.PHONY: bench-gate
bench-gate:
	@tools/install_packages.sh build test
	@tools/build.sh build
	@bench/gate.py

.PHONY: soak
soak:
	@tools/install_packages.sh build test
	@tools/build.sh build
	@python3 tests/soak/soak.py --time $(TIME) --share $(SHARE) --nice $(NICE) --output build/soak.txt

simulate:
	@tools/install_packages.sh build test
	@tools/build.sh build
	@build/tests/simulation/simulate $(FIRST_SEED) $(SEEDS)

clean:
	@rm -rf build build-*
	@echo "clean: build folders are removed; demo/ is kept"
