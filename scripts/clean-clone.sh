#!/usr/bin/env bash
# Clones what is committed here into an empty folder and runs all of .ci/run there: what passes only because of a file
# nobody committed fails. Prints how long it took.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet --no-hardlinks "$root" "$work/clone"
started=$(date +%s)
env -u NODE_PATH "$work/clone/.ci/run"
echo "clean clone: passed in $(($(date +%s) - started)) s" >&2
