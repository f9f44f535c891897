#!/usr/bin/env bash
# One pod on SQLite with the chart's simulator: installs, tests, changes the config and changes it back, replaces the pod under
# traffic, uninstalls. Sourced by verify-cluster.sh, which defines the functions used here.
# shellcheck disable=SC2154

simulator=http://single-alertmanager-wecom-simulator:8061
single=("$chart" "${values[@]}" --values helm/ci/simulator-values.yaml --wait --timeout 180s)
timed release install single "${single[@]}"
holds install "SQLite on its own claim, all ready after $took ms of helm install --wait"
timed release test single --timeout 120s
holds test "helm test passed in $took ms: webhook -> service -> simulated robot"
confined deployment/single-alertmanager-wecom
confined deployment/single-alertmanager-wecom-simulator
holds confined "no root, no capabilities, no new privileges, seccomp, no token; can write only to its volumes"

before=$(pods_of single)
first=$(hash_of single)
route='config.route.routes=[{"matchers":["team=\"db\""],"message":"text"}]'
timed release upgrade single "${single[@]}" --set-json "$route"
upgraded=$took
began=$(now_ms)
second=$(hash_of single "--not=$first") || fail "the pod did not load the changed config"
took=$(($(now_ms) - began))
one_alert single upgraded team=db "$simulator"
[ "$(field kinds delivered)" = text ] || fail "the new route was not used: sent as $(field kinds delivered)"
[ "$(pods_of single)" = "$before" ] || fail "helm upgrade replaced or restarted the pod"
holds upgrade "helm upgrade in $upgraded ms; the same pod ran the new route $took ms later, no restart"
timed release rollback single 1 --wait --timeout 180s
[ "$(hash_of single "--not=$second")" = "$first" ] || fail "helm rollback did not restore the first config"
[ "$(pods_of single)" = "$before" ] || fail "helm rollback replaced or restarted the pod"
holds rollback "the same pod runs the first config again, no restart"

start_traffic "--service=$(service_of single)" --prefix=replaced --retry
timed roll single
stop_traffic "$simulator" replaced
holds recreate "$sent webhooks at $(field perSecond traffic)/s from a sender that retries as Alertmanager does, pod replaced in $took ms"
holds '' "refused tries $(field refusals traffic), slowest accepted after $(field slowestMs traffic) ms; $(delivery_summary)"

timed release uninstall single --wait --timeout 180s
left=$(left_of single)
[ "$left" = persistentvolumeclaim/single-alertmanager-wecom-data ] || fail "helm uninstall left: $left"
holds uninstall "only the claim with the outbox is left"
