#!/usr/bin/env bash
# Clones the committed state into an empty folder and runs .ci/run there, so that it cannot depend on a file that is not committed.
# Prints how long it took.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet --no-hardlinks "$root" "$work/clone"
started=$(date +%s)
env -u NODE_PATH "$work/clone/.ci/run"
echo "clean clone: passed in $(($(date +%s) - started)) s" >&2
