#!/usr/bin/env bash
# Imports fixtures/demo, runs its cutoffs in order and prints what was paid. Doing it twice changes nothing.
set -euo pipefail
paydirt=$1
demo=fixtures/demo
# The demo is for paydirt's own PostgreSQL, whatever database the environment names.
unset DATABASE_URL PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGSERVICE

chain=$(sed -n 's/^chain = "\(.*\)"/\1/p' "$demo/case.toml")
cutoffs=$(sed -n 's/^cutoffs = \[\(.*\)\]/\1/p' "$demo/case.toml" | tr -d '",')

"$paydirt" db start
"$paydirt" migrate
if [ "$("$paydirt" status --json)" = "[]" ]; then
    "$paydirt" import "$demo"
else
    echo "the demo data is imported already"
fi
for cutoff in $cutoffs; do
    "$paydirt" run --chain "$chain" --cutoff "$cutoff"
done
"$paydirt" status
echo "paid in all, per kind of submission and token:"
"$paydirt" db psql --quiet --pset=footer=off --file="$demo/what-was-paid.sql"
echo "look around with: $paydirt db psql    stop the server with: make stop"
