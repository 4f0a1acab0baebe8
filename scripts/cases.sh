#!/usr/bin/env bash
# Runs the conformance cases that exist with an engine (native or sql), on a PostgreSQL of its own that is stopped and
# removed afterwards.
set -euo pipefail
engine=$1
paydirt=$2
shift 2
unset DATABASE_URL PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGSERVICE

dirs=()
for dir in "$@"; do
    if [ -f "$dir/case.toml" ]; then dirs+=("$dir"); fi
done
if [ ${#dirs[@]} -eq 0 ]; then echo "error: no case found in: $*" >&2; exit 1; fi

home=$(mktemp -d)
chmod 755 "$home" # the server of root runs as another user
trap '"$paydirt" --home "$home" db stop >/dev/null; rm -rf "$home"' EXIT
"$paydirt" --home "$home" case --engine "$engine" "${dirs[@]}"
