#!/usr/bin/env bash
# Builds the image with a real engine and runs it restricted: read-only, no root, no capabilities, 128 and 256 MB, and attacked.
# Prints size, start-up time, memory and each check that passed; exits with 1 at the first failure.
# Usage: verify-image.sh [--node=24] [--base=IMAGE] [--runtime=IMAGE] [--keep]   Needs docker, curl; or Debian and root.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
node=24 suite=trixie base='' runtime='' keep=false
for argument in "$@"; do
  case $argument in
    --node=*) node=${argument#*=} ;;
    --base=*) base=${argument#*=} ;;
    --runtime=*) runtime=${argument#*=} ;;
    --keep) keep=true ;;
    *) echo "unknown argument $argument" >&2; exit 2 ;;
  esac
done
# Only for the replacement of the base image: the newest version of each major that was tried.
declare -A newest=([24]=24.21.0 [26]=26.10.0)

# shellcheck source=scripts/image/engine.sh
. "$root/scripts/image/engine.sh" "$root/.cache/engine"
export DOCKER DOCKER_BUILDKIT=1

run=verify-$$
work=$(mktemp -d)
finish() {
  "$DOCKER" rm --force "$run-service" "$run-robot" >/dev/null 2>&1 || true
  "$DOCKER" volume rm "$run-data" >/dev/null 2>&1 || true
  "$DOCKER" network rm "$run-net" >/dev/null 2>&1 || true
  $keep || "$DOCKER" rmi "alertmanager-wecom:$run" >/dev/null 2>&1 || true
  rm -rf "$work"
  stop_engine
}
trap finish EXIT
fail() { echo "verify:image: $*" >&2; "$DOCKER" logs "$run-service" 2>&1 | tail -20 >&2 || true; exit 1; }
holds() { printf '%-11s %s\n' "$1" "$2"; }
has_image() { "$DOCKER" image inspect "$1" >/dev/null 2>&1; }
bytes_of() { "$DOCKER" image inspect --format '{{.Size}}' "$1"; }
status_mb() { echo $(($(awk -v field="$1:" '$1 == field {print $2}' "/proc/$pid/status") / 1024)); }
now_ms() { date +%s%3N; }
# until_true SECONDS COMMAND…
until_true() {
  local deadline=$(($(now_ms) + $1 * 1000))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$(now_ms)" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}

# The base of a release, by its digest.
base=${base:-$(grep -o "docker.io/library/node:$node-$suite-slim@sha256:[0-9a-f]*" "$root/.github/workflows/release.yaml")}
if ! has_image "$base" && ! timeout 120 "$DOCKER" pull --quiet "$base" >/dev/null 2>&1; then
  echo "no registry gives $base: building a replacement from Debian $suite and npm"
  base=node:$node-$suite-slim
  has_image "$base" || bash "$root/scripts/image/stand-in-base.sh" "${newest[$node]}" "$suite"
fi

cd "$root"
"$DOCKER" build --quiet --network host --tag "alertmanager-wecom:$run" --build-arg BUILD_IMAGE="$base" \
  ${runtime:+--build-arg RUNTIME_IMAGE="$runtime"} --build-arg VERSION="$(node -p 'require("./package.json").version')" \
  --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || echo unknown)" . >/dev/null
image=alertmanager-wecom:$run
above=$((($(bytes_of "$image") - $(bytes_of "${runtime:-$base}")) / 1000000))
holds size "$(($(bytes_of "$image") / 1000000)) MB, $above MB above its base ${runtime:-$base}"
[ "$above" -le 60 ] || fail "more than 60 MB above its base"
"$DOCKER" run --rm --network none "$image" --version | sed -n '1,2s/^/            /p'

[ "$("$DOCKER" image inspect --format '{{.Config.User}}' "$image")" = 65532:65532 ] || fail "the image's user is not 65532"
"$DOCKER" image inspect --format '{{range $k, $v := .Config.Labels}}{{$k}}={{$v}}{{"\n"}}{{end}}' "$image" > "$work/labels"
for label in title description version revision created source url documentation vendor licenses; do
  grep -q "^org.opencontainers.image.$label=." "$work/labels" || fail "no label $label"
done
holds image "user 65532:65532, all OCI labels"

key=00000000-0000-4000-8000-00000000c0de
cat > "$work/config.yaml" <<C
storage: sqlite:/data/outbox.db
shutdown_delay: 2s
wecom: { base_url: "http://$run-robot:8061" }
bots: { ops: { key: $key } }
route: { bot: ops }
C
chmod 755 "$work" && chmod 644 "$work/config.yaml"
hardened=(--read-only --cap-drop ALL --security-opt no-new-privileges --pids-limit 100)
memory=128m
"$DOCKER" network create "$run-net" >/dev/null
"$DOCKER" volume create "$run-data" >/dev/null

start_robot() {
  "$DOCKER" rm --force "$run-robot" >/dev/null 2>&1 || true
  "$DOCKER" run --detach --name "$run-robot" --network "$run-net" --publish 127.0.0.1::8061 "${hardened[@]}" --memory 1g --entrypoint node "$image" \
    /app/dist/main.js simulator --web.listen-address=0.0.0.0:8061 --key="$key" >/dev/null
  robot=http://$("$DOCKER" port "$run-robot" 8061/tcp | head -1)
  until_true 60 curl -fsS "$robot/_sim/messages" || fail "the simulated robot does not answer"
}
start_service() {
  "$DOCKER" rm --force "$run-service" >/dev/null 2>&1 || true
  started=$(now_ms)
  "$DOCKER" run --detach --name "$run-service" --network "$run-net" --publish 127.0.0.1::8060 "${hardened[@]}" --memory $memory --memory-swap $memory --health-interval 2s \
    --volume "$run-data:/data" --volume "$work/config.yaml:/etc/alertmanager-wecom/config.yaml:ro" "$image" \
    --config.file=/etc/alertmanager-wecom/config.yaml --web.listen-address=:8060 >/dev/null
  until_true 20 published || fail "no port was published"
  service=http://$("$DOCKER" port "$run-service" 8060/tcp | head -1)
  until_true 60 curl -fsS "$service/-/ready" || fail "not ready within 60 s"
  ready=$(($(now_ms) - started))
}
published() { "$DOCKER" port "$run-service" 8060/tcp | grep -q :; }
alert() {
  curl -fsS -o /dev/null "$service/webhook" \
    -d "{\"alerts\":[{\"status\":\"firing\",\"labels\":{\"alertname\":\"$1\",\"severity\":\"critical\"},\"startsAt\":\"2026-01-02T03:04:05Z\"}]}"
}
robot_received() { curl -fsS "$robot/_sim/messages" | grep -q "$1"; }
healthy() { [ "$("$DOCKER" inspect --format '{{.State.Health.Status}}' "$run-service")" = healthy ]; }

start_robot
start_service
pid=$("$DOCKER" inspect --format '{{.State.Pid}}' "$run-service")
cpu=$(awk -v hz="$(getconf CLK_TCK)" '{print int(($14 + $15) * 1000 / hz)}' "/proc/$pid/stat")
holds start-up "ready $ready ms after docker run (aim 1500), $cpu ms of processor (load $(cut -d' ' -f1 /proc/loadavg) on $(nproc) cores)"
until_true 60 healthy || fail "the engine does not report it as healthy: $("$DOCKER" inspect --format '{{json .State.Health}}' "$run-service")"
holds healthy "read-only, cap-drop ALL, no-new-privileges, 128 MB, by the image's own HEALTHCHECK"
sleep 5
own=$(status_mb RssAnon)
holds memory "$(status_mb VmRSS) MB RSS idle (aim 90): $own MB its own, the rest are pages of Node's binary, which the kernel may drop"
[ "$own" -lt 90 ] || fail "90 MB or more of private memory when idle"

alert ReachesTheGroup || fail "the webhook was refused"
until_true 30 robot_received ReachesTheGroup || fail "the alert did not reach the robot"
holds alert "webhook -> service -> robot"

"$DOCKER" rm --force "$run-robot" >/dev/null
alert SurvivesReplacement || fail "the webhook was refused while the robot was away"
"$DOCKER" rm --force "$run-service" >/dev/null
start_robot
start_service
until_true 30 robot_received SurvivesReplacement || fail "an accepted alert was lost with its container"
holds outbox "an alert accepted by a killed container was delivered by the next one on the same volume"

burst=5000
"$DOCKER" run --rm --interactive --network "$run-net" --entrypoint node "$image" \
  --input-type=module - "http://$run-service:8060" $burst < "$root/scripts/image/burst.mjs" > "$work/burst" || fail "$(cat "$work/burst")"
holds burst "$(cat "$work/burst")"

waiting() { curl -fsS "$service/metrics" | awk '/^alertmanager_wecom_outbox_notifications\{/ { sum += $2 } END { print sum + 0 }'; }
nothing_waits() { [ "$(waiting)" = 0 ]; }
began() { "$DOCKER" inspect --format '{{.State.StartedAt}}' "$run-service"; }
# Webhooks, and the alerts of each.
storm() {
  since=$(began)
  "$DOCKER" run --rm --interactive --network "$run-net" --entrypoint node "$image" \
    --input-type=module - "http://$run-service:8060" "$1" "$2" < "$root/scripts/image/burst.mjs" > "$work/storm" || fail "$(cat "$work/storm")"
  stormed=$(now_ms)
  until_true 600 nothing_waits || fail "$(waiting) notifications of the storm are still queued after 10 minutes"
  [ "$(began)" = "$since" ] || fail "the storm ended the service in $memory"
  holds storm "$(cat "$work/storm"), $2 alerts each: all delivered in $memory after $((($(now_ms) - stormed) / 1000)) s, by the same process"
}
# Attacks by name, while right webhooks arrive (scripts/image/attack.mjs).
attacks() {
  since=$(began)
  "$DOCKER" run --rm --interactive --network "$run-net" --entrypoint node "$image" \
    --input-type=module - "http://$run-service:8060" "$@" < "$root/scripts/image/attack.mjs" > "$work/attacks" || fail "$(cat "$work/attacks")"
  until_true 600 nothing_waits || fail "$(waiting) notifications are still queued 10 minutes after the attacks"
  [ "$(began)" = "$since" ] || fail "an attack ended the service in $memory"
  while read -r line; do holds attack "$memory: $line"; done < "$work/attacks"
}
until_true 300 nothing_waits || fail "$(waiting) notifications of the burst are still queued after 5 minutes"
storm 500 20
attacks "numeric groupKey" "chunks of one byte" "pipelined requests"
"$DOCKER" stop --time 20 "$run-service" >/dev/null
memory=256m
start_service
storm 1 10000
attacks

stopped=$(now_ms)
"$DOCKER" stop --time 20 "$run-service" >/dev/null
took=$(($(now_ms) - stopped))
code=$("$DOCKER" inspect --format '{{.State.ExitCode}}' "$run-service")
[ "$code" = 0 ] || fail "exit code $code after SIGTERM"
[ "$took" -lt 19000 ] || fail "SIGTERM took $took ms"
holds SIGTERM "exit 0 after $took ms, 2000 of them shutdown_delay"
curl -fsS "$robot/_sim/violations" | grep -qx '\[\]' || fail "rules of the robot were broken: $(curl -fsS "$robot/_sim/violations")"
echo "verify:image: all passed on Node $node"
