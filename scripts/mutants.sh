#!/usr/bin/env bash
# Breaks one rule of reward-rules at a time (crates/differential/mutants/*.patch), in a copy of the working tree, and runs the
# seeds of `make test` on each until they differ. Every mutant has to be caught. Usage: scripts/mutants.sh [SEEDS] [PATCH...]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
seeds=${1:-40}
[ $# -gt 0 ] && shift
if [ $# -gt 0 ]; then patches=("$@"); else patches=("$root"/crates/differential/mutants/*.patch); fi

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git -C "$root" ls-files --cached --others --exclude-standard -z |
    (cd "$root" && while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done) |
    tar --create --directory "$root" --null --files-from - | tar --extract --directory "$copy"
export CARGO_TARGET_DIR="$root/target/mutants"

caught=0
survived=()
for patch in "${patches[@]}"; do
    patch=$(realpath "$patch")
    name=$(basename "$patch" .patch)
    (cd "$copy" && git apply "$patch")
    (cd "$copy" && cargo build --quiet --locked --package differential 2>"$copy/build.log") ||
        { cat "$copy/build.log" >&2; echo "error: $name does not compile" >&2; exit 1; }
    if "$CARGO_TARGET_DIR/debug/diff-test" --seeds "$seeds" --first-difference > "$copy/log"; then
        survived+=("$name")
        echo "SURVIVED $name: $(head -1 "$patch" | cut -c3-)"
    elif grep -q DIFFERS "$copy/log"; then
        caught=$((caught + 1))
        echo "caught   $name: $(grep -m1 DIFFERS "$copy/log" | cut -d' ' -f1-4), $(grep -m1 -A1 DIFFERS "$copy/log" | tail -1 | sed 's/^ *//')"
    else
        cat "$copy/log" >&2
        echo "error: $name: diff-test failed without a difference" >&2
        exit 1
    fi
    (cd "$copy" && git apply --reverse "$patch")
done
echo "$caught of ${#patches[@]} mutants caught by seeds 1 to $seeds"
[ ${#survived[@]} -eq 0 ]
