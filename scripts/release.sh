#!/usr/bin/env bash
# Makes the files of a release in release/: the npm package, its SBOM (CycloneDX and SPDX) and checksums. Publishes nothing. Exits
# with 1 at the first failure.
#   PROVEN=yes        .ci/run has already passed on this commit
#   AUDIT=unserved    this registry has no audit; another registry was asked
set -euo pipefail
cd "$(dirname "$0")/.."
export npm_config_loglevel=error npm_config_fund=false

fail() { echo "release: $*" >&2; exit 1; }

# npm ci would empty the target of the link.
[ ! -L node_modules ] || fail "node_modules is a link: release from a separate checkout"
[ -z "$(git status --porcelain)" ] || fail "the working tree has changes"
version=$(node -p 'require("./package.json").version')
grep -q "^## $version\$" CHANGELOG.md || fail "CHANGELOG.md has no section $version"

npm ci --no-audit
[ "${PROVEN:-no}" = yes ] || .ci/run

# npm exits with 1 both for a vulnerability and for a registry without an audit; only the report shows which.
report=$(npm audit --json 2>/dev/null || true)
if grep -q '"auditReportVersion"' <<< "$report"; then
  found=$(node -p 'JSON.parse(require("node:fs").readFileSync(0, "utf8")).metadata.vulnerabilities.total' <<< "$report")
  [ "$found" -eq 0 ] || fail "npm audit found $found vulnerabilities: run it"
  audit="npm audit: no known vulnerability"
else
  [ "${AUDIT:-}" = unserved ] || fail "the registry has no audit: ask another one, then set AUDIT=unserved"
  audit="npm audit: not available from the registry of this build"
fi
echo "$audit"

rm -rf release && mkdir release
package=$(npm pack --silent --pack-destination release | tail -1)
bash scripts/write-sbom.sh release
(cd release && sha256sum "$package" sbom.*.json > SHA256SUMS)
packages=$(node -p 'require("./release/sbom.cyclonedx.json").components.length')
echo "release/$package, $(git rev-parse --short HEAD), made of $packages packages"
