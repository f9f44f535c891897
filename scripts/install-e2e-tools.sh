#!/usr/bin/env bash
# Installs what is missing for the end-to-end tests: Prometheus and Alertmanager with promtool and amtool, PostgreSQL and Chromium; and
# openssl and python3, with which verify:chart fetches Helm. Debian and Ubuntu. Starts nothing: the tests start their own processes on
# free ports of loopback.
set -euo pipefail

have() { command -v "$1" > /dev/null; }

packages=()
if ! have openssl; then packages+=(openssl); fi
if ! have python3; then packages+=(python3); fi
if ! have prometheus || ! have promtool; then packages+=(prometheus); fi
if { ! have prometheus-alertmanager && ! have alertmanager; } || ! have amtool; then packages+=(prometheus-alertmanager); fi
if ! have initdb && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null; then packages+=(postgresql); fi
# 112 MB, 350 MB unpacked: some ten seconds from a near mirror. Ubuntu's package is a snap, its runners have Chrome.
if ! have chromium && ! have google-chrome; then packages+=(chromium); fi
if [ "${#packages[@]}" -eq 0 ]; then exit 0; fi

if ! have apt-get; then
  echo "this machine has no apt-get: install ${packages[*]} yourself" >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi

# Debian starts a service when it is installed, unless this file forbids it.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" > /dev/null
  "${as_root[@]}" chmod 755 "$policy"
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi

log=$(mktemp)
quietly() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" > "$log" 2>&1 || { cat "$log" >&2; return 1; }; }
quietly apt-get update -qq
quietly apt-get install -y -qq --no-install-recommends "${packages[@]}"
rm -f "$log"
