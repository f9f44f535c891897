#!/usr/bin/env bash
# Makes what a release consists of, in release/: the npm package, what it is built from (SBOM, CycloneDX and SPDX), and checksums.
# Publishes nothing. Ends with 1 at the first thing that does not hold.
#   PROVEN=yes        .ci/run has passed on this commit already
#   AUDIT=unserved    this registry has no audit; somebody asked another one
set -euo pipefail
cd "$(dirname "$0")/.."
export npm_config_loglevel=error npm_config_fund=false

fail() { echo "release: $*" >&2; exit 1; }

# npm ci would empty what the link leads to.
[ ! -L node_modules ] || fail "node_modules is a link: release from a checkout of its own"
[ -z "$(git status --porcelain)" ] || fail "the working tree has changes"
version=$(node -p 'require("./package.json").version')
grep -q "^## $version\$" CHANGELOG.md || fail "CHANGELOG.md has no section $version"

npm ci --no-audit
[ "${PROVEN:-no}" = yes ] || .ci/run

# npm ends with 1 for a finding and for a registry that does not answer alike; only a report says which.
report=$(npm audit --json 2>/dev/null || true)
if grep -q '"auditReportVersion"' <<< "$report"; then
  found=$(node -p 'JSON.parse(require("node:fs").readFileSync(0, "utf8")).metadata.vulnerabilities.total' <<< "$report")
  [ "$found" -eq 0 ] || fail "npm audit knows $found weaknesses: run it"
  audit="npm audit: no known weakness"
else
  [ "${AUDIT:-}" = unserved ] || fail "the registry serves no audit: ask another one, then set AUDIT=unserved"
  audit="npm audit: not served by the registry of this build"
fi
echo "$audit"

rm -rf release && mkdir release
package=$(npm pack --silent --pack-destination release | tail -1)
bash scripts/write-sbom.sh release
(cd release && sha256sum "$package" sbom.*.json > SHA256SUMS)
packages=$(node -p 'require("./release/sbom.cyclonedx.json").components.length')
echo "release/$package, $(git rev-parse --short HEAD), made of $packages packages"
