#!/usr/bin/env bash
# Builds a replacement for the official Node image, under its official name, from packages of Debian and npm, for machines that
# reach no image registry. Usage: stand-in-base.sh 24.21.0 trixie; DOCKER and DOCKER_HOST select the engine.
set -euo pipefail

version=$1 suite=$2
major=${version%%.*}
case $(uname -m) in x86_64) platform=linux-x64 ;; aarch64) platform=linux-arm64 ;; *) echo "no Node on npm for $(uname -m)" >&2; exit 1 ;; esac
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v -e security -e nodesource | head -1)
export npm_config_loglevel=error

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mmdebstrap --quiet --variant=minbase --include=ca-certificates,libatomic1 \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  "$suite" root.tar "$mirror"

mkdir -p added/usr/local/bin added/usr/local/lib/node_modules/npm added/usr/local/etc added/etc/ssl/certs
npm pack --silent "node-$platform@$version" >/dev/null
tar xzf node-linux-*.tgz -C added/usr/local --strip-components=1 package/bin/node
npm pack --silent npm@11 >/dev/null
tar xzf npm-11*.tgz -C added/usr/local/lib/node_modules/npm --strip-components=1
ln -s ../lib/node_modules/npm/bin/npm-cli.js added/usr/local/bin/npm
ln -s ../lib/node_modules/npm/bin/npx-cli.js added/usr/local/bin/npx
# npm in the build must trust the same certificates as npm here.
if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
  cp "$NODE_EXTRA_CA_CERTS" added/etc/ssl/certs/ca-certificates.crt
  echo 'cafile=/etc/ssl/certs/ca-certificates.crt' > added/usr/local/etc/npmrc
fi
printf '%s\n' 'FROM scratch' 'ADD root.tar /' 'COPY added/ /' \
  'RUN groupadd -g 1000 node && useradd -u 1000 -g node -m node' 'CMD ["node"]' > Dockerfile
DOCKER_BUILDKIT=1 "$DOCKER" build --quiet --tag "node:$major-$suite-slim" . >/dev/null
