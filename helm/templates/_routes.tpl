{{/* Rejects routes with which the service would not start: an unknown bot, or an invalid regular expression. */}}
{{- define "alertmanager-wecom.checkRoutes" -}}
{{- $bots := keys (include "alertmanager-wecom.bots" . | fromYaml) -}}
{{- include "alertmanager-wecom.checkRoute" (dict "route" (default dict .Values.config.route) "path" "config.route" "bots" $bots) -}}
{{- range $name, $bot := .Values.bots -}}
{{- include "alertmanager-wecom.checkBots" (dict "names" (dig "fallback" nil (default dict $bot)) "path" (printf "bots.%s.fallback" $name) "bots" $bots) -}}
{{- end -}}
{{- include "alertmanager-wecom.checkBots" (dict "names" (keys (dig "auth" "bots" dict .Values.config)) "path" "config.auth.bots" "bots" $bots) -}}
{{- include "alertmanager-wecom.checkMatchers" (dict "matchers" (dig "silence" "never" list .Values.config) "path" "config.silence.never") -}}
{{- end -}}

{{/* A route and those within it. Takes route, path and bots, the names of all bots. */}}
{{- define "alertmanager-wecom.checkRoute" -}}
{{- $bots := .bots -}}
{{- $path := .path -}}
{{- include "alertmanager-wecom.checkBots" (dict "names" .route.bot "path" (printf "%s.bot" $path) "bots" $bots) -}}
{{- include "alertmanager-wecom.checkMatchers" (dict "matchers" .route.matchers "path" (printf "%s.matchers" $path)) -}}
{{- range $index, $route := .route.routes -}}
{{- include "alertmanager-wecom.checkRoute" (dict "route" $route "path" (printf "%s.routes[%d]" $path $index) "bots" $bots) -}}
{{- end -}}
{{- end -}}

{{/* Takes names (one, a list, or none), path and bots. */}}
{{- define "alertmanager-wecom.checkBots" -}}
{{- $bots := .bots -}}
{{- $path := .path -}}
{{- range (kindIs "slice" .names | ternary .names (list .names | compact)) -}}
{{- if not (has . $bots) -}}
{{- fail (printf "%s: there is no bot %q; the bots are %s" $path . (sortAlpha $bots | join ", ")) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Takes matchers (one, a list, or none) and path. An operator is found together with its value, so that none is found inside a value.
With "|" in front, a valid pattern matches the empty text; of an invalid one regexMatch is false.
*/}}
{{- define "alertmanager-wecom.checkMatchers" -}}
{{- $path := .path -}}
{{- range $matcher := (kindIs "slice" .matchers | ternary .matchers (list .matchers | compact)) -}}
{{- range regexFindAll "(=~|!~|!=|=)\\s*(\"(\\\\.|[^\"\\\\])*\"|[^\\s\",{}]+)" $matcher -1 -}}
{{- if regexMatch "^[=!]~" . -}}
{{- $pattern := regexReplaceAll "^[=!]~\\s*" . "" -}}
{{- if hasPrefix "\"" $pattern -}}
{{- $pattern = $pattern | trimPrefix "\"" | trimSuffix "\"" | replace "\\\\" "\\" | replace "\\\"" "\"" -}}
{{- end -}}
{{- if not (regexMatch (printf "|^(?:%s)$" $pattern) "") -}}
{{- fail (printf "%s: %s has a regular expression that RE2 cannot read: %s" $path $matcher $pattern) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
