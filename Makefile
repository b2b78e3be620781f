# `make help` lists what there is. On Debian it needs nothing but git, make and a Rust toolchain, and installs the rest.

CARGO ?= cargo
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib

# The virtual environment of the generator of the bindings and of Python's tests.
PYTHON ?= python3
VENV := target/venv

.PHONY: help demo okta test test-python test-go test-e2e test-http test-go-library build wheel install bench generate lint lint-python lint-go build-deps demo-deps install-deps

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 20

# The library as it is built for tests, beside the Okta.
demo: ## a login in the terminal, from C
demo: demo-deps
	$(CARGO) build --package okta_auth --package okta_loopback
	ln -sf libokta_auth.so target/debug/libokta_auth.so.1
	examples/with_okta target/debug/okta_loopback examples/demo target/debug

okta: ## an Okta on 127.0.0.1 to try the examples and programs of your own with
okta: demo-deps
	$(CARGO) build --package okta_auth --package okta_loopback
	ln -sf libokta_auth.so target/debug/libokta_auth.so.1
	printf '%s\n' 'Name: okta_auth' 'Description: the library as it is built here' 'Version: 0' \
		'Cflags: -I$(CURDIR)/include' 'Libs: -L$(CURDIR)/target/debug -lokta_auth' >target/debug/okta_auth.pc
	examples/with_okta target/debug/okta_loopback

# The C programs run twice: with the library as it is built for tests, and as it is shipped.
test: ## every test
test: install-deps build
	$(CARGO) test --workspace
	OKTA_AUTH_LIBRARIES=$(CURDIR)/target/release $(CARGO) test --test suite c_abi
	$(MAKE) test-python
	$(MAKE) test-go
	$(MAKE) test-e2e
	$(MAKE) test-http

# libokta_auth.so and libokta_auth.a as they are shipped, in target/release.
build: ## the library as it is shipped, in target/release
build: build-deps
	$(CARGO) build --release --package okta_auth
	ln -sf libokta_auth.so target/release/libokta_auth.so.1
	tools/localise target/release/libokta_auth.a target/release/libokta_auth_localised.a

# The wheel of the Python package with that library in it, in target/wheel.
wheel: ## the wheel of the Python package, in target/wheel
wheel: build $(VENV)/ready
	tools/wheel target/release/libokta_auth.so $(VENV)/bin/python target/wheel

# Library, archive, header, pkg-config file and CMake package, below DESTDIR when that is given. It builds nothing, as
# whoever may write to PREFIX often has no toolchain: run `make build` before.
install: ## library, headers and archive below PREFIX; after `make build`
install:
	tools/install/install target/release "$(PREFIX)" "$(LIBDIR)" "$(DESTDIR)"

# The library of `make build` beside a bare program that makes the same HTTPS calls: CPU, throughput, memory, size. Then
# what calls from Python and Go cost more than from C, and requests over HTTP.
GO := $(CURDIR)/tools/go
GO_BENCH := $(CURDIR)/target/go-bench
bench: ## CPU, throughput, memory, size, and what a call costs
bench: build $(VENV)/ready
	$(CARGO) build --profile bench --package bench --package okta_loopback
	target/release/bench target/release target/release/okta_loopback
	OKTA_AUTH_LIBRARY=$(CURDIR)/target/release/libokta_auth.so OKTA_LOOPBACK=$(CURDIR)/target/release/okta_loopback \
		$(CARGO) bench --package bench --bench calls
	$(VENV)/bin/python bindings/python/bench/overhead.py target/release
	tools/install/install target/release $(GO_BENCH) $(GO_BENCH)/lib ""
	cd bindings/go && PKG_CONFIG_PATH=$(GO_BENCH)/lib/pkgconfig $(GO) build -o $(GO_BENCH)/bench ./bench
	LD_LIBRARY_PATH=$(GO_BENCH)/lib $(GO_BENCH)/bench

# Both need a nightly toolchain, and install it where rustup is there; `make test` needs none.
.PHONY: fuzz sanitize
FUZZ_SECONDS ?= 30
fuzz: ## random input, FUZZ_SECONDS for each target; needs a nightly toolchain
fuzz:
	tools/fuzz $(FUZZ_SECONDS)

sanitize: ## the Rust tests under the sanitizers; needs a nightly toolchain
sanitize:
	tools/sanitize thread
	tools/sanitize address

# The generated files are fresh, and Python's package does what it says, with the library as it is built for tests.
test-python: export PYTHONDONTWRITEBYTECODE = 1
test-python: install-deps $(VENV)/ready
	$(CARGO) build --package okta_auth --package okta_loopback
	$(VENV)/bin/python bindings/generate --check
	$(VENV)/bin/pytest -p no:cacheprovider bindings/generate
	mkdir -p target/python-tests && ln -sfn ../debug/libokta_auth.so target/python-tests/libokta_auth.so.1
	cd bindings/python && ../../$(VENV)/bin/mypy okta_auth tests bench ../../examples/*.py
	cd bindings/python && LD_LIBRARY_PATH=$(CURDIR)/target/python-tests ../../$(VENV)/bin/pytest tests

# The Go package, found through pkg-config: with the library, with the archive, with the race detector, and with every
# pointer that passes into C checked.
GO_ROOT := $(CURDIR)/target/go-tests
test-go: export PKG_CONFIG_PATH = $(GO_ROOT)/lib/pkgconfig
test-go: export LD_LIBRARY_PATH = $(GO_ROOT)/lib
test-go: test-go-library
	cd bindings/go && $(GO) test -race -count=1 ./...
	cd bindings/go && GOEXPERIMENT=cgocheck2 $(GO) test -count=1 ./...
	cd bindings/go && $(GO) test -tags okta_auth_static -count=1 ./...
	cd examples/go && $(GO) test -race -count=1 ./...
	cd tests/vault_api && $(GO) test -race -count=1 ./...

# The library as it is built for tests, installed where pkg-config finds it.
test-go-library: install-deps
	$(CARGO) build --package okta_auth --package okta_loopback
	mkdir -p $(GO_ROOT)/built && ln -sf ../../debug/libokta_auth.so $(GO_ROOT)/built
	tools/localise target/debug/libokta_auth.a $(GO_ROOT)/built/libokta_auth_localised.a
	tools/install/install $(GO_ROOT)/built $(GO_ROOT) $(GO_ROOT)/lib ""

# The scenarios of tests/e2e in every language, whose answers must be equal byte by byte.
E2E := target/e2e
test-e2e: export PKG_CONFIG_PATH = $(GO_ROOT)/lib/pkgconfig
test-e2e: export LD_LIBRARY_PATH = $(GO_ROOT)/lib:$(CURDIR)/target/python-tests
test-e2e: export PYTHONPATH = $(CURDIR)/bindings/python
test-e2e: test-go-library $(VENV)/ready
	mkdir -p $(E2E) target/python-tests && ln -sfn ../debug/libokta_auth.so target/python-tests/libokta_auth.so.1
	cc -std=gnu11 -Wall -Wextra -Werror tests/e2e/drivers/driver.c $$(pkg-config --cflags --libs okta_auth) -o $(E2E)/driver-c
	c++ -std=c++17 -Wall -Wextra -Werror tests/e2e/drivers/driver.cpp $$(pkg-config --cflags --libs okta_auth) -o $(E2E)/driver-cpp
	cd tests/e2e/drivers/go && $(GO) build -o ../../../../$(E2E)/driver-go .
	$(CARGO) run --quiet --package e2e tests/e2e/scenarios C $(E2E)/driver-c C++ $(E2E)/driver-cpp \
		Python "$(VENV)/bin/python tests/e2e/drivers/driver.py" Go $(E2E)/driver-go
	examples/with_okta target/debug/okta_loopback tests/e2e/readme

# Every scenario of tests/transcripts, through the HTTP API as it is served by Go and by Python, and hvac with Go's handler.
HTTP := target/http
test-http: export PKG_CONFIG_PATH = $(GO_ROOT)/lib/pkgconfig
test-http: export LD_LIBRARY_PATH = $(GO_ROOT)/lib:$(CURDIR)/target/python-tests
test-http: export PYTHONPATH = $(CURDIR)/bindings/python:$(CURDIR)/bindings/python/tests
test-http: export PYTHONDONTWRITEBYTECODE = 1
test-http: test-go-library $(VENV)/ready
	mkdir -p $(HTTP) target/python-tests && ln -sfn ../debug/libokta_auth.so target/python-tests/libokta_auth.so.1
	cd tests/http/go && $(GO) build -o ../../../$(HTTP)/server-go .
	OKTA_AUTH_HTTP_SERVERS="$(HTTP)/server-go;$(VENV)/bin/python tests/http/server.py wsgi;$(VENV)/bin/python tests/http/server.py asgi" \
		$(CARGO) test --test suite -- --ignored transcripts_replay_over_http
	OKTA_AUTH_GO_SERVER=$(CURDIR)/$(HTTP)/server-go $(VENV)/bin/pytest -p no:cacheprovider bindings/python/tests/test_hvac.py -k handler

$(VENV)/ready: bindings/requirements.txt
	@tools/install-deps python3-venv
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement bindings/requirements.txt
	touch $@

# src/ffi/operations.rs and include/okta_auth.h, from the table of operations and src/ffi; from the header the bindings.
generate: ## write the generated files anew
generate: build-deps $(VENV)/ready
	$(CARGO) run --quiet --package generate
	$(VENV)/bin/python bindings/generate

lint: ## formatters and linters
lint:
	@$(CARGO) fmt --version >/dev/null && $(CARGO) clippy --version >/dev/null || rustup component add rustfmt clippy
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- --deny warnings
	RUSTDOCFLAGS="--deny warnings" $(CARGO) doc --workspace --no-deps
	$(MAKE) lint-python
	$(MAKE) lint-go

lint-python: $(VENV)/ready
	$(VENV)/bin/ruff check bindings
	$(VENV)/bin/ruff format --check bindings
	$(VENV)/bin/ruff check --config bindings/ruff.toml examples tests/e2e tests/http
	$(VENV)/bin/ruff format --config bindings/ruff.toml --check examples tests/e2e tests/http

# Every module of Go but the one that only names staticcheck. cgo asks pkg-config for the library.
GO_MODULES := bindings/go examples/go tests/vault_api tests/http/go tests/e2e/drivers/go
lint-go: export PKG_CONFIG_PATH = $(GO_ROOT)/lib/pkgconfig
lint-go: test-go-library
	cd bindings/go/tools && $(GO) build -o $(GO_ROOT)/staticcheck honnef.co/go/tools/cmd/staticcheck
	set -e; for module in $(GO_MODULES); do \
		(cd $$module && test -z "$$($(GO) fmt ./...)" && $(GO) vet ./... && $(GO_ROOT)/staticcheck ./...); done

# Debian packages, where they are missing: for the library alone, for the demo, and for everything.
build-deps:
	@tools/install-deps cc ld

demo-deps:
	@tools/install-deps cc ld curl

install-deps:
	@tools/install-deps cc c++ clang++ ld valgrind curl pkg-config cmake sqlite3.h openssl/ssl.h python3-venv go \
		security/pam_modules.h pamtester libpam_wrapper.so
