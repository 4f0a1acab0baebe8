#!/usr/bin/env bash
# Checks what building and testing need, and installs what is missing where that is possible.
set -euo pipefail

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; elif command -v sudo >/dev/null 2>&1; then sudo "$@"; else return 1; fi
}

install_packages() {
    if ! command -v apt-get >/dev/null 2>&1; then return 1; fi
    echo "installing $* …" >&2
    as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >&2
}

if ! command -v cargo >/dev/null 2>&1; then
    echo "error: no cargo on PATH; install Rust 1.95 or newer (rustup)" >&2
    exit 1
fi
if ! command -v cc >/dev/null 2>&1; then
    install_packages gcc libc6-dev || { echo "error: no C compiler; install gcc" >&2; exit 1; }
fi

# initdb is in the server package, whose binaries are not on PATH in Debian.
has_server() {
    local dir
    for dir in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
        if [ -n "$dir" ] && [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ]; then return 0; fi
    done
    command -v initdb >/dev/null 2>&1
}
if ! has_server; then
    install_packages postgresql || true
    has_server || { echo "error: no PostgreSQL server binaries; install PostgreSQL 15 or newer (Debian: apt-get install postgresql)" >&2; exit 1; }
fi

if ! cargo nextest --version >/dev/null 2>&1; then
    echo "installing cargo-nextest …" >&2
    cargo install cargo-nextest --locked
fi
