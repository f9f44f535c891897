{{/* The config file, and what follows from it. All that depends on the storage engine or on reloading is decided here. */}}
{{- define "alertmanager-wecom.folder" -}}/etc/alertmanager-wecom{{- end -}}

{{/* sqlite or postgres; of a config that is somebody else's, what the values say. */}}
{{- define "alertmanager-wecom.engine" -}}
{{- $storage := dig "storage" "sqlite:" .Values.config -}}
{{- if .Values.existingSecret.name -}}{{ .Values.existingSecret.engine }}
{{- else if hasPrefix "sqlite:" $storage -}}sqlite
{{- else if regexMatch "^postgres(ql)?:" $storage -}}postgres
{{- else -}}{{ fail "config.storage must begin with sqlite: or postgres://" }}
{{- end -}}
{{- end -}}

{{/* The Secret and its entry that hold the config file. */}}
{{- define "alertmanager-wecom.configSecret" -}}
{{- default (printf "%s-config" (include "alertmanager-wecom.fullname" .)) .Values.existingSecret.name -}}
{{- end -}}
{{- define "alertmanager-wecom.configKey" -}}
{{- ternary .Values.existingSecret.key "config.yaml" (ne .Values.existingSecret.name "") -}}
{{- end -}}

{{- define "alertmanager-wecom.templatesConfigMap" -}}
{{- if .Values.templatesExistingConfigMap -}}
{{- .Values.templatesExistingConfigMap -}}
{{- else if .Values.templates -}}
{{- printf "%s-templates" (include "alertmanager-wecom.fullname" .) -}}
{{- end -}}
{{- end -}}

{{/* http or https. */}}
{{- define "alertmanager-wecom.scheme" -}}
{{- ternary "https" "http" (and .Values.webConfig.tls (ne .Values.webConfig.existingSecret "")) -}}
{{- end -}}

{{/* A probe as the values give it, over HTTPS where the service speaks it. Takes (list $ probe). */}}
{{- define "alertmanager-wecom.probe" -}}
{{- $probe := deepCopy (index . 1) -}}
{{- if and $probe.httpGet (eq (include "alertmanager-wecom.scheme" (index . 0)) "https") -}}
{{- $_ := set $probe "httpGet" (merge $probe.httpGet (dict "scheme" "HTTPS")) -}}
{{- end -}}
{{- toYaml $probe -}}
{{- end -}}

{{/* Key of the simulated robot; it is not a secret. */}}
{{- define "alertmanager-wecom.simulatedKey" -}}00000000-0000-4000-8000-000000000000{{- end -}}
{{- define "alertmanager-wecom.simulatorName" -}}{{ include "alertmanager-wecom.fullname" . }}-simulator{{- end -}}

{{/* The bots of the config file: those of the values, with a key_file where keys.existingSecret has the key. */}}
{{- define "alertmanager-wecom.bots" -}}
{{- $bots := dict -}}
{{- if .Values.simulator.enabled -}}
{{- $bots = dict "simulated" (dict "key" (include "alertmanager-wecom.simulatedKey" .)) -}}
{{- end -}}
{{- range $name, $given := .Values.bots -}}
{{- $bot := deepCopy (default dict $given) -}}
{{- $hasKey := false -}}
{{- range $field, $_ := $bot }}{{ if regexMatch "^keys?(_env|_file)?$" $field }}{{ $hasKey = true }}{{ end }}{{ end -}}
{{- if and $.Values.keys.existingSecret (not $hasKey) -}}
{{- $_ := set $bot "key_file" (printf "%s/keys/%s" (include "alertmanager-wecom.folder" $) $name) -}}
{{- end -}}
{{- $_ := set $bots $name $bot -}}
{{- end -}}
{{- toYaml $bots -}}
{{- end -}}

{{- define "alertmanager-wecom.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $bots := include "alertmanager-wecom.bots" . | fromYaml -}}
{{- $first := keys $bots | sortAlpha | first -}}
{{- $_ := set $config "bots" $bots -}}
{{- $_ := set $config "route" (merge (default dict $config.route) (dict "bot" $first)) -}}
{{- $_ := set $config "storage" (default "sqlite:/data/outbox.db" $config.storage) -}}
{{- $_ := set $config "shutdown_delay" (printf "%ds" (int .Values.shutdownDelaySeconds)) -}}
{{- $size := toString .Values.persistence.size -}}
{{- if and (eq (include "alertmanager-wecom.engine" .) "sqlite") .Values.persistence.enabled (not .Values.persistence.existingClaim) (regexMatch "^[0-9]+[MGT]i$" $size) -}}
{{- $mebibytes := dict "Mi" 1 "Gi" 1024 "Ti" 1048576 -}}
{{- $claim := mul (regexFind "^[0-9]+" $size | int64) (get $mebibytes (regexFind "[MGT]i$" $size)) -}}
{{- $limit := dict "max_disk" (printf "%dMiB" (div (mul $claim 6) 10)) -}}
{{- $_ := set $config "outbox" (merge (default dict $config.outbox) $limit) -}}
{{- end -}}
{{- if include "alertmanager-wecom.templatesConfigMap" . -}}
{{- $_ := set $config "templates" (list (printf "%s/templates/*" (include "alertmanager-wecom.folder" .))) -}}
{{- end -}}
{{- if .Values.simulator.enabled -}}
{{- $_ := set $config "wecom" (merge (dict "base_url" (printf "http://%s:8061" (include "alertmanager-wecom.simulatorName" .))) (default dict $config.wecom)) -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* Settings that a reload does not apply: when they change, the pod is replaced. */}}
{{- define "alertmanager-wecom.restartsFor" -}}
{{- if not .Values.existingSecret.name -}}
{{- pick (include "alertmanager-wecom.config" . | fromYaml) "storage" "postgres" | toJson -}}
{{- end -}}
{{- end -}}

{{/* Seconds from SIGTERM to SIGKILL: the delay, a request to WeCom, and closing. */}}
{{- define "alertmanager-wecom.grace" -}}
{{- int .Values.terminationGracePeriodSeconds | default (add (int .Values.shutdownDelaySeconds) 25) -}}
{{- end -}}

{{/* Rejects values with which no service would work; the schema rejects values of a wrong shape. */}}
{{- define "alertmanager-wecom.check" -}}
{{- $given := or .Values.bots .Values.config -}}
{{- if and .Values.existingSecret.name (or $given .Values.simulator.enabled) -}}
{{- fail "existingSecret holds the whole config: leave bots, config and simulator out" -}}
{{- end -}}
{{- if and .Values.simulator.enabled .Values.bots -}}
{{- fail "the simulator replaces all robots: leave bots out" -}}
{{- end -}}
{{- if not (or .Values.existingSecret.name .Values.simulator.enabled .Values.bots) -}}
{{- fail "set bots, for example bots.ops.key to the key of a robot; to try without a robot set simulator.enabled=true" -}}
{{- end -}}
{{- range $name, $bot := include "alertmanager-wecom.bots" . | fromYaml -}}
{{- $hasKey := false -}}
{{- range $field, $_ := $bot }}{{ if regexMatch "^keys?(_env|_file)?$" $field }}{{ $hasKey = true }}{{ end }}{{ end -}}
{{- if not $hasKey -}}
{{- fail (printf "bots.%s has no key: set its key, or keys.existingSecret to a Secret with the keys of all bots" $name) -}}
{{- end -}}
{{- end -}}
{{- if not .Values.existingSecret.name }}{{ include "alertmanager-wecom.checkRoutes" . }}{{ end -}}
{{- if and (gt (int .Values.replicaCount) 1) (eq (include "alertmanager-wecom.engine" .) "sqlite") -}}
{{- fail "only one pod can use SQLite: for several replicas set config.storage to a postgres:// address" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- fail "ingress.hosts must name at least one host" -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.parentRefs must name a gateway" -}}
{{- end -}}
{{- if lt (int (include "alertmanager-wecom.grace" .)) (add (int .Values.shutdownDelaySeconds) 10 | int) -}}
{{- fail "terminationGracePeriodSeconds must be at least shutdownDelaySeconds + 10" -}}
{{- end -}}
{{- end -}}
