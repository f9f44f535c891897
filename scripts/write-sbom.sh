#!/usr/bin/env bash
# Writes the SBOM of the run-time packages into a folder: sbom.cyclonedx.json and sbom.spdx.json. Needs no network.
set -euo pipefail
out=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
export npm_config_loglevel=error npm_config_audit=false npm_config_fund=false

# `npm sbom --omit=dev` also omits packages that a development package shares (npm 11.19: pg-types through @types/pg), so it reads a
# lock file without development packages. npm names the program after its folder.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/alertmanager-wecom"
cp package.json package-lock.json "$work/alertmanager-wecom"
cd "$work/alertmanager-wecom"
npm pkg delete devDependencies allowScripts scripts
npm install --package-lock-only --offline --ignore-scripts --silent
for format in cyclonedx spdx; do
  npm sbom --package-lock-only --sbom-type=application --sbom-format="$format" > "$out/sbom.$format.json"
done
