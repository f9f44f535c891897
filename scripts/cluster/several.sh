#!/usr/bin/env bash
# Several pods on PostgreSQL, with keys and password in Secrets that the chart does not make: installs, tests, adds a bot and its key,
# rolls three times under traffic, uninstalls. Sourced by verify-cluster.sh, which defines the functions used here.
# shellcheck disable=SC2154

cat > "$work/several.yaml" <<V
replicaCount: $replicas
keys: { existingSecret: wecom-keys }
bots: { ops: {} }
config:
  storage: ${POSTGRES_URL:-postgres://alerts@postgres:5432/postgres}
  wecom: { base_url: "http://robots:8061" }
V
if [ -z "${POSTGRES_URL:-}" ]; then
  postgres_image=${POSTGRES_IMAGE:-docker.io/library/postgres:17}
  sed "s|POSTGRES_IMAGE|$postgres_image|; s|POSTGRES_PASSWORD|$(openssl rand -hex 16)|" scripts/cluster/postgres.yaml |
    in_namespace apply --filename - >/dev/null
  in_namespace rollout status deployment/postgres --timeout=300s >/dev/null || fail "$postgres_image does not start"
  cat >> "$work/several.yaml" <<'V'
  postgres: { password_env: POSTGRES_PASSWORD }
extraEnv:
  - name: POSTGRES_PASSWORD
    valueFrom: { secretKeyRef: { name: postgres, key: password } }
networkPolicy:
  enabled: true
  extraEgress:
    - ports: [{ port: 5432, protocol: TCP }, { port: 8061, protocol: TCP }]
V
fi
in_namespace rollout status deployment/robots --timeout=180s >/dev/null || fail "the simulated robots do not start"
in_namespace create secret generic wecom-keys --from-literal=ops=00000000-0000-4000-8000-000000000001 >/dev/null

several=("$chart" "${values[@]}" --values "$work/several.yaml" --wait --timeout 180s)
timed release install several "${several[@]}"
holds install "$replicas replicas on PostgreSQL, all ready after $took ms of helm install --wait"
timed release test several --timeout 120s
holds test "helm test passed in $took ms"
confined deployment/several-alertmanager-wecom

before=$(pods_of several)
first=$(hash_of several)
in_namespace patch secret wecom-keys --patch '{"stringData":{"dba":"00000000-0000-4000-8000-000000000002"}}' >/dev/null
several+=(--set-json 'bots.dba={}' --set-json 'config.route={"bot":"ops","routes":[{"matchers":["team=\"db\""],"bot":"dba"}]}')
timed release upgrade several "${several[@]}"
began=$(now_ms)
hash_of several "--not=$first" >/dev/null || fail "the pods did not load the changed Secrets"
took=$(($(now_ms) - began))
one_alert several changed team=db http://robots:8061 --robot=simulated-2
[ "$(pods_of several)" = "$before" ] || fail "the changed Secrets replaced or restarted a pod"
holds Secrets "a new bot, its route and its key: all $replicas pods ran them $took ms later, an alert took the route; same pods, no restart"

start_traffic "--service=$(service_of several)" --prefix=rolled
timed roll several
restarted=$took
timed release upgrade several "${several[@]}" --set podAnnotations.rolled=again
upgraded=$took
timed release rollback several 2 --wait --timeout 180s
stop_traffic http://robots:8061 rolled
holds rolling "$sent webhooks at $(field perSecond traffic)/s without a retry, half of them over keep-alive connections: none refused, none lost"
holds '' "meanwhile $((replicas * 3)) pods replaced: rollout restart $restarted ms, helm upgrade $upgraded ms, helm rollback $took ms"
holds '' "slowest answer $(field slowestMs traffic) ms; $(delivery_summary)"

timed release uninstall several --wait --timeout 180s
left=$(left_of several)
[ -z "$left" ] || fail "helm uninstall left: $left"
in_namespace get secret wecom-keys >/dev/null || fail "helm uninstall removed a Secret that the chart did not make"
holds uninstall "only the Secrets that the chart did not make are left"
