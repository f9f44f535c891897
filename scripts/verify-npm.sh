#!/usr/bin/env bash
# Packs the npm package, installs it in another folder as a user would, and runs the installed command. Prints the figures; exits
# with 1 at the first failure. Dependencies come from the registry or from npm's cache.
set -euo pipefail
export npm_config_loglevel=error

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
service=
finish() { if [ -n "$service" ]; then kill "$service" 2>/dev/null || true; fi; rm -rf "$work"; }
trap finish EXIT
fail() { echo "verify:npm: $*" >&2; exit 1; }

cd "$root"
package=$(npm pack --silent --pack-destination "$work" 2>/dev/null | tail -1)
echo "package    $(du -k "$work/$package" | cut -f1) KB, $(tar tzf "$work/$package" | wc -l) files"

mkdir "$work/user" && cd "$work/user"
npm init --yes >/dev/null 2>&1
npm install --silent --no-audit --no-fund --prefer-offline "$work/$package" 2>/dev/null
echo "installed  $(du -sm node_modules | cut -f1) MB, $(($(npm ls --all --parseable | wc -l) - 1)) packages"
[ -x node_modules/.bin/alertmanager-wecom ] || fail "the command is not executable"

npx --no-install alertmanager-wecom --version | sed 's/^/           /'

cat > good.yaml <<'C'
bots: { ops: { key_env: ROBOT } }
wecom: { base_url: "http://127.0.0.1:9" }
route: { bot: ops }
C
export ROBOT=00000000-0000-4000-8000-000000000000
echo 'bots: { ops: { kye: x } }' > bad.yaml
npx --no-install alertmanager-wecom check-config good.yaml
if npx --no-install alertmanager-wecom check-config bad.yaml 2>faults; then fail "check-config accepted a bad config"; fi
grep -q 'bad.yaml:1:' faults || fail "check-config names no line"

if npx --no-install alertmanager-wecom serve 2>ways; then fail "serve started without a config and a key"; fi
grep -q 'alertmanager-wecom demo' ways || fail "serve does not name the demo"

port=$(node -p 'const s = require("node:net").createServer().listen(0); const { port } = s.address(); s.close(); port')
node_modules/.bin/alertmanager-wecom --config.file=good.yaml --web.listen-address="127.0.0.1:$port" > service.log 2>&1 &
service=$!
for _ in $(seq 50); do
  npx --no-install alertmanager-wecom healthcheck --web.listen-address="127.0.0.1:$port" 2>/dev/null && break
  kill -0 "$service" 2>/dev/null || { cat service.log; fail "the service ended"; }
  sleep 0.1
done
answer=$(node -e 'fetch(`http://127.0.0.1:${process.argv[1]}/webhook`, { method: "POST", body: `{"alerts":[{"status":"firing","labels":{"alertname":"Smoke"}}]}` }).then((a) => console.log(a.status))' "$port")
[ "$answer" -lt 300 ] || fail "the webhook was answered with $answer"
kill -INT "$service"
wait "$service" || fail "the service ended with $? on SIGINT"
service=
echo "verify:npm: the installed package checks a config, starts, accepts an alert and stops"
