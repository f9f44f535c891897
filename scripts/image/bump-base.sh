#!/usr/bin/env bash
# Asks the registry for the newest digest of each base image and puts it into the Dockerfile and the release workflow. Run it
# before a release and when a scan of the image finds something in its base; then `npm run verify:image`, and commit. Needs
# docker with buildx. REGISTRY=… asks a mirror; the files keep the official name.
set -euo pipefail
cd "$(dirname "$0")/../.."

files=(Dockerfile .github/workflows/release.yaml)
for image in $(grep -oh 'library/node:[0-9]*-[a-z]*-slim' "${files[@]}" | sort -u); do
  digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "${REGISTRY:-docker.io}/$image")
  [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || { echo "bump-base: $image has no digest, but: $digest" >&2; exit 1; }
  sed -i "s#\($image@\)sha256:[0-9a-f]*#\1$digest#" "${files[@]}"
  echo "$image $digest"
done
