# The two commands that need nothing but git, make and a Rust toolchain on Debian:
#   make demo   a login in the terminal
#   make test   every test

CARGO ?= cargo
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
SUDO := $(shell test "$$(id -u)" = 0 || echo sudo)

.PHONY: demo test build install bench generate lint install-deps

demo: install-deps
	$(CARGO) build --package okta_auth --package okta_loopback
	examples/demo target/debug target/debug/okta_loopback

# The C programs run twice: with the library as it is built for tests, and as it is shipped.
test: install-deps build
	$(CARGO) test --workspace
	OKTA_AUTH_LIBRARIES=$(CURDIR)/target/release $(CARGO) test --test suite c_abi

# libokta_auth.so and libokta_auth.a as they are shipped, in target/release.
build: install-deps
	$(CARGO) build --release --package okta_auth
	tools/localise target/release/libokta_auth.a target/release/libokta_auth_localised.a

# Library, archive, header, pkg-config file and CMake package, below DESTDIR when that is given. It builds nothing, as
# whoever may write to PREFIX often has no toolchain: run `make build` before.
install:
	tools/install/install target/release "$(PREFIX)" "$(LIBDIR)" "$(DESTDIR)"

# The library of `make build` beside a bare program that makes the same HTTPS calls: CPU, throughput, memory, size.
bench: build
	$(CARGO) build --profile bench --package bench --package okta_loopback
	target/release/bench target/release target/release/okta_loopback

# src/ffi/operations.rs and include/okta_auth.h, from the table of operations and src/ffi.
generate:
	$(CARGO) run --quiet --package generate

lint:
	@$(CARGO) fmt --version >/dev/null && $(CARGO) clippy --version >/dev/null || rustup component add rustfmt clippy
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- --deny warnings
	RUSTDOCFLAGS="--deny warnings" $(CARGO) doc --workspace --no-deps

# What the tests compile and run C with. Asks apt only when something is missing.
install-deps:
	@for tool in cc:gcc c++:g++ valgrind:valgrind curl:curl readelf:binutils \
		pkg-config:pkg-config cmake:cmake; do \
		command -v $${tool%%:*} >/dev/null || missing="$$missing $${tool##*:}"; \
	done; \
	for header in sqlite3.h:libsqlite3-dev openssl/ssl.h:libssl-dev; do \
		test -e /usr/include/$${header%%:*} || missing="$$missing $${header##*:}"; \
	done; \
	test -z "$$missing" || { $(SUDO) apt-get update && $(SUDO) apt-get install --yes $$missing libc6-dev; }
