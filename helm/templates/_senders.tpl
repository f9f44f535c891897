{{/*
What senders need besides the address, as the notes print it: the first entry of config.auth.webhook that they can send. Secrets
are never printed. Both are empty where nothing is needed, and where the config is in a Secret of its own.
*/}}
{{- define "alertmanager-wecom.alertmanagerHttpConfig" -}}
{{- $secrets := "/etc/alertmanager/secrets/wecom" -}}
{{- $found := dict -}}
{{- range dig "auth" "webhook" list .Values.config -}}
{{- if not $found -}}
{{- if .bearer -}}
{{- $_ := set $found "authorization" (dict "credentials_file" (printf "%s/token" $secrets)) -}}
{{- else if .authorization -}}
{{- $_ := set $found "authorization" (dict "type" .authorization.scheme "credentials_file" (printf "%s/credentials" $secrets)) -}}
{{- else if .basic -}}
{{- $_ := set $found "basic_auth" (dict "username" .basic.username "password_file" (printf "%s/password" $secrets)) -}}
{{- else if .header -}}
{{- $_ := set $found "http_headers" (dict .header.name (dict "files" (list (printf "%s/token" $secrets)))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if eq (include "alertmanager-wecom.scheme" .) "https" -}}
{{- $_ := set $found "tls_config" (dict "ca_file" (printf "%s/ca.crt" $secrets)) -}}
{{- end -}}
{{- if $found }}{{ toYaml (dict "http_config" $found) }}{{ end -}}
{{- end -}}

{{/* The settings of Grafana's contact point, which reads $WECOM_HOOK_SECRET from its environment. */}}
{{- define "alertmanager-wecom.grafanaSettings" -}}
{{- $found := dict -}}
{{- range dig "auth" "webhook" list .Values.config -}}
{{- if not $found -}}
{{- if .bearer -}}
{{- $found = dict "authorization_scheme" "Bearer" "authorization_credentials" "${WECOM_HOOK_SECRET}" -}}
{{- else if .authorization -}}
{{- $found = dict "authorization_scheme" .authorization.scheme "authorization_credentials" "${WECOM_HOOK_SECRET}" -}}
{{- else if .basic -}}
{{- $found = dict "username" .basic.username "password" "${WECOM_HOOK_SECRET}" -}}
{{- else if .hmac -}}
{{- $hmac := dict "secret" "${WECOM_HOOK_SECRET}" "header" (default "X-Grafana-Alerting-Signature" .hmac.header) -}}
{{- if .hmac.timestamp_header }}{{ $_ := set $hmac "timestampHeader" .hmac.timestamp_header }}{{ end -}}
{{- $found = dict "hmacConfig" $hmac -}}
{{- else if .header -}}
{{- $found = dict "headers" (dict .header.name "${WECOM_HOOK_SECRET}") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml (set $found "url" (printf "%s/webhook" (include "alertmanager-wecom.url" .))) -}}
{{- end -}}

{{/* The address of the service in the cluster. */}}
{{- define "alertmanager-wecom.url" -}}
{{- printf "%s://%s.%s.svc:%d" (include "alertmanager-wecom.scheme" .) (include "alertmanager-wecom.fullname" .) (include "alertmanager-wecom.namespace" .) (int .Values.service.port) -}}
{{- end -}}
