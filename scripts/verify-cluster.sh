#!/usr/bin/env bash
# Installs the chart on the cluster of the current kubeconfig, in a new namespace that is removed at the end, and checks: helm install,
# helm test, confined pods, a config change without a restart, replicas rolled under 50 webhooks a second with none refused, the pod on
# SQLite replaced with none lost, helm uninstall. Exits with 1 at the first failure.
# Usage: verify-cluster.sh [flags of helm for every installation, such as --set persistence.storageClass=fast]
#
# The nodes must find the images: push them to a registry that they use, or load them (kind load docker-image, minikube image load,
# k3s ctr images import). Environment:
#   IMAGE           the service, as repository:tag; the chart's default if not set
#   POSTGRES_IMAGE  the database; docker.io/library/postgres:17 if not set
#   POSTGRES_URL    an empty database that the pods reach (postgres://user:password@host/name), instead of one made here
#   HELM            the helm to use; the one on PATH if not set, or the one that scripts/get-helm.sh fetches
#   KEEP=1          keeps the namespace for inspection
#   ALLOW_OLD_KUBERNETES=1  ignores the chart's kubeVersion, and installs no PodDisruptionBudget where there is no policy/v1
set -euo pipefail

cd "$(dirname "$0")/.."
rate=50 replicas=3 chart=helm namespace=wecom-verify-$$
work=$(mktemp -d)
made=false

finish() {
  exec 3>&- 2>/dev/null || true
  if $made && [ "${KEEP:-}" != 1 ]; then kubectl delete namespace "$namespace" --timeout=180s >/dev/null 2>&1 || true; fi
  rm -rf "$work"
}
trap finish EXIT
in_namespace() { kubectl --namespace "$namespace" "$@"; }
fail() {
  echo "verify:cluster: $*" >&2
  if $made; then
    in_namespace get pods --output wide >&2 || true
    in_namespace get events --sort-by=.lastTimestamp 2>/dev/null | tail -15 >&2 || true
    in_namespace logs --selector app.kubernetes.io/component=service --tail=15 --prefix >&2 || true
  fi
  exit 1
}
holds() { printf '%-11s %s\n' "$1" "$2"; }
now_ms() { date +%s%3N; }
# timed COMMAND…: sets $took to its milliseconds; shows its output only if it fails.
timed() {
  local began
  began=$(now_ms)
  "$@" > "$work/output" 2>&1 || { cat "$work/output" >&2; fail "failed: $*"; }
  took=$(($(now_ms) - began))
}

if ! command -v kubectl >/dev/null || ! command -v "${HELM:-helm}" >/dev/null; then
  bash scripts/get-helm.sh .cache/helm
  PATH=$PATH:$PWD/.cache/helm
fi
helm=${HELM:-$(command -v helm || echo helm4)}
if ! server=$(kubectl version --request-timeout=10s 2>/dev/null | sed -n 's/^Server Version: //p') || [ -z "$server" ]; then
  echo "verify:cluster: no cluster is reachable through the current kubeconfig; nothing was verified" >&2
  exit 1
fi
holds cluster "$(kubectl config current-context), Kubernetes $server, $(kubectl get nodes --output name | wc -l) node(s), Helm $("$helm" version --template '{{.Version}}')"

values=("$@")
[ $# -eq 0 ] || holds flags "$*"
if [ -n "${IMAGE:-}" ]; then values+=(--set "image.registry=,image.repository=${IMAGE%:*},image.tag=${IMAGE##*:}"); fi
if [ "${ALLOW_OLD_KUBERNETES:-}" = 1 ]; then
  cp -r helm "$work/chart"
  chart=$work/chart
  sed -i '/^kubeVersion:/d' "$chart/Chart.yaml"
  holds allowed "ALLOW_OLD_KUBERNETES: a copy of the chart without its kubeVersion"
  if ! kubectl api-versions | grep -qx policy/v1; then
    values+=(--set podDisruptionBudget.enabled=false)
    holds allowed "ALLOW_OLD_KUBERNETES: no PodDisruptionBudget, this cluster has no policy/v1"
  fi
fi
image=$("$helm" template x "$chart" "${values[@]}" --set bots.ops.key=x --show-only templates/deployment.yaml | sed -n 's/^ *image: //p')

# run SCRIPT ARGUMENTS…: a script of scripts/cluster, inside the cluster.
run() { in_namespace exec --stdin sender -- node "/scripts/$1.ts" "${@:2}"; }
release() { "$helm" --namespace "$namespace" "$@"; }
service_of() { echo "http://$1-alertmanager-wecom:8060"; }
deployment_of() { echo "deployment/$1-alertmanager-wecom"; }
# pods_of RELEASE: name, address and restarts of each pod of the service that is not being deleted.
pods_of() {
  in_namespace get pods --selector "app.kubernetes.io/instance=$1,app.kubernetes.io/component=service" --output go-template='
    {{- range .items}}{{if not .metadata.deletionTimestamp}}{{.metadata.name}} {{.status.podIP}} {{range .status.containerStatuses}}{{.restartCount}}{{end}}
{{end}}{{end}}' | sort
}
# hash_of RELEASE ARGUMENTS…: hash of the config that its pods run.
hash_of() {
  local addresses
  mapfile -t addresses < <(pods_of "$1" | cut -d' ' -f2)
  run config-hashes "${@:2}" "${addresses[@]}"
}
# field NAME FILE: a field of a JSON file; objects as JSON.
field() {
  node --print 'const value = JSON.parse(fs.readFileSync(process.argv[2], "utf8"))[process.argv[1]];
    typeof value === "object" ? JSON.stringify(value) : value' "$1" "$work/$2"
}
start_traffic() {
  rm -f "$work/stop" && mkfifo "$work/stop"
  run traffic "--rate=$rate" "$@" < "$work/stop" > "$work/traffic" &
  traffic=$!
  exec 3> "$work/stop"
  sleep 3
}
# stop_traffic SIMULATOR PREFIX: also waits until everything is delivered, with the summary in $work/delivered.
stop_traffic() {
  sleep 3
  exec 3>&-
  wait "$traffic" || fail "the sender failed"
  sent=$(field sent traffic)
  [ "$(field perSecond traffic)" -ge $((rate * 9 / 10)) ] || fail "this machine sent only $(field perSecond traffic) webhooks a second"
  [ "$(field accepted traffic)" = "$sent" ] || fail "of $sent webhooks $(field accepted traffic) were accepted: $(field refusals traffic)"
  run delivered "--simulator=$1" "--prefix=$2" "--count=$sent" > "$work/delivered"
  [ "$(field undelivered delivered)" = 0 ] || fail "not delivered: $(field undelivered delivered), $(field missing delivered)"
  [ "$(field repeated delivered)" = 0 ] || fail "delivered twice: $(field repeated delivered)"
  [ "$(field violations delivered)" = 0 ] || fail "$(field violations delivered) messages broke a rule of the robot"
  [ "$(field largestWindow delivered)" -le 20 ] || fail "$(field largestWindow delivered) messages in 60 s"
}
delivery_summary() {
  echo "all delivered once in $(field messages delivered) messages, $(field largestWindow delivered) at most in any 60 s, 0 violations"
}
# one_alert RELEASE PREFIX LABEL SIMULATOR ARGUMENTS…: sends an alert with that label and waits until it is delivered.
one_alert() {
  run traffic "--service=$(service_of "$1")" "--prefix=$2" "--label=$3" --count=1 > "$work/traffic"
  run delivered "--simulator=$4" "--prefix=$2" "${@:5}" > "$work/delivered"
  [ "$(field undelivered delivered)" = 0 ] || fail "the alert with $3 did not arrive as it should: $*"
}
confined() {
  local faults
  faults=$(in_namespace exec --stdin "$1" -- node --input-type=module-typescript - < scripts/cluster/confined.ts)
  [ -z "$faults" ] || fail "$1: $faults"
}
roll() { in_namespace rollout restart "$(deployment_of "$1")" && in_namespace rollout status "$(deployment_of "$1")" --timeout=180s; }
# left_of RELEASE: objects that still have its label.
left_of() {
  in_namespace wait --for=delete pods --selector "app.kubernetes.io/instance=$1" --timeout=180s >/dev/null 2>&1 || true
  in_namespace get all,configmaps,secrets,serviceaccounts,persistentvolumeclaims,networkpolicies,ingresses,poddisruptionbudgets \
    --selector "app.kubernetes.io/instance=$1" --output name 2>/dev/null
}

kubectl create namespace "$namespace" >/dev/null
made=true
kubectl label namespace "$namespace" pod-security.kubernetes.io/enforce=restricted >/dev/null
in_namespace create configmap scripts --from-literal=package.json='{"type":"module"}' --from-file=scripts/cluster >/dev/null
sed "s|SERVICE_IMAGE|$image|" scripts/cluster/sender-and-robots.yaml | in_namespace apply --filename - >/dev/null
in_namespace wait --for=condition=Ready pod/sender --timeout=180s >/dev/null || fail "$image does not start"

# shellcheck source=scripts/cluster/single.sh
. scripts/cluster/single.sh
# shellcheck source=scripts/cluster/several.sh
. scripts/cluster/several.sh
echo "verify:cluster: all passed (load $(cut -d' ' -f1 /proc/loadavg 2>/dev/null || echo unknown) on this machine)"
