// Each expression of the golden file by its Go text, and its translation to Handlebars.

export const TRANSLATIONS: Readonly<Record<string, string>> = {
  '{{ "abcÀß你好" | toUpper }}': '{{{toUpper "abcÀß你好"}}}',
  '{{ "ABCÀİ你好" | toLower }}': '{{{toLower "ABCÀİ你好"}}}',
  "{{ \"HELLO wORLD foo-bar don't o'neil 3rd x_y\" | title }}":
    "{{{title \"HELLO wORLD foo-bar don't o'neil 3rd x_y\"}}}",
  '[{{ "\\u3000 a b \\t\\n" | trimSpace }}]': '[{{{trimSpace "\u3000 a b \t\n"}}}]',
  '{{ stringSlice "a" "b" "c" | join ", " }}': '{{{join ", " (stringSlice "a" "b" "c")}}}',
  '{{ join "-" (stringSlice "x") }}': '{{{join "-" (stringSlice "x")}}}',
  '{{ stringSlice "a" "b" }}': '{{{stringSlice "a" "b"}}}',
  '{{ match "^a.c$" "abc" }}': '{{{match "^a.c$" "abc"}}}',
  '{{ match "b" "abc" }}': '{{{match "b" "abc"}}}',
  '{{ match "(?i)ABC" "xabcx" }}': '{{{match "(?i)ABC" "xabcx"}}}',
  '{{ match "[" "a" }}': '{{{match "[" "a"}}}',
  '{{ match "a(?=b)" "ab" }}': '{{{match "a(?=b)" "ab"}}}',
  '{{ reReplaceAll "ab" "AB" "abcdabcda" }}': '{{{reReplaceAll "ab" "AB" "abcdabcda"}}}',
  '{{ reReplaceAll "(.*):(\\\\d+)" "$1 port $2" "localhost:9100" }}':
    '{{{reReplaceAll "(.*):(\\d+)" "$1 port $2" "localhost:9100"}}}',
  '{{ reReplaceAll "(a)" "$1x" "a" }}': '{{{reReplaceAll "(a)" "$1x" "a"}}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the replacement syntax of RE2
  '{{ reReplaceAll "(a)" "${1}x" "a" }}': '{{{reReplaceAll "(a)" "${1}x" "a"}}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the replacement syntax of RE2
  '{{ reReplaceAll "(?P<h>[a-z]+)" "<${h}>" "ab cd" }}': '{{{reReplaceAll "(?P<h>[a-z]+)" "<${h}>" "ab cd"}}}',
  '{{ reReplaceAll "a" "$$" "a" }}': '{{{reReplaceAll "a" "$$" "a"}}}',
  '{{ reReplaceAll "[" "x" "a" }}': '{{{reReplaceAll "[" "x" "a"}}}',
  '{{ reReplaceAll "" "-" "ab" }}': '{{{reReplaceAll "" "-" "ab"}}}',
  '{{ reReplaceAll "(?s)\\n.*" "" "line1\\nline2" }}': '{{{reReplaceAll "(?s)\\n.*" "" "line1\nline2"}}}',
  '{{ "<b>&\\"" | safeHtml }}': '{{{safeHtml "<b>&\\""}}}',
  '{{ "a b&c" | safeUrl }}': '{{{safeUrl "a b&c"}}}',
  '{{ "search?q=test%20foo+bar" | urlUnescape }}': '{{{urlUnescape "search?q=test%20foo+bar"}}}',
  '{{ "%zz" | urlUnescape }}': '{{{urlUnescape "%zz"}}}',
  '{{ "<b> & \\u2028 你" | toJson }}': '{{{toJson "<b> & \u2028 你"}}}',
  "{{ .CommonLabels | toJson }}": "{{{toJson commonLabels}}}",
  "{{ .Alerts | toJson }}": "{{{toJson alerts}}}",
  "{{ .CommonLabels }}": "{{{commonLabels}}}",
  "{{ .CommonLabels.SortedPairs }}": "{{{sortedPairs commonLabels}}}",
  "{{ range .CommonLabels.SortedPairs }}{{ .Name }}={{ .Value }};{{ end }}":
    "{{#each (sortedPairs commonLabels)}}{{{name}}}={{{value}}};{{/each}}",
  "{{ .CommonLabels.Names }}": "{{{names commonLabels}}}",
  '{{ .CommonLabels.Names | join "," }}': '{{{join "," (names commonLabels)}}}',
  '{{ .CommonLabels.Values | join "," }}': '{{{join "," (values commonLabels)}}}',
  '{{ .CommonLabels.SortedPairs.Names | join "," }}': '{{{join "," (names (sortedPairs commonLabels))}}}',
  '{{ .CommonLabels.Remove (stringSlice "env" "nope") }}': '{{{remove commonLabels (stringSlice "env" "nope")}}}',
  "{{ .CommonLabels.Remove .GroupLabels.Names }}": "{{{remove commonLabels (names groupLabels)}}}",
  '{{ (.CommonLabels.Remove .GroupLabels.Names).Values | join " " }}':
    '{{{join " " (values (remove commonLabels (names groupLabels)))}}}',
  "{{ range $k, $v := .CommonLabels }}{{ $k }}={{ $v }};{{ end }}":
    "{{#each commonLabels as |v k|}}{{{k}}}={{{v}}};{{/each}}",
  "[{{ .CommonLabels.missing }}]": "[{{{commonLabels.missing}}}]",
  "[{{ .CommonAnnotations.summary }}]": "[{{{commonAnnotations.summary}}}]",
  '[{{ index .CommonLabels "env" }}]': '[{{{index commonLabels "env"}}}]',
  '[{{ index .CommonLabels "nope" }}]': '[{{{index commonLabels "nope"}}}]',
  "{{ len .CommonLabels }}": "{{{len commonLabels}}}",
  "{{ len .Alerts }} {{ len .Alerts.Firing }} {{ .Alerts.Resolved | len }}":
    "{{{len alerts}}} {{{len (firing alerts)}}} {{{len (resolved alerts)}}}",
  "{{ range .Alerts.Firing }}{{ .Labels.instance }}{{ end }}":
    "{{#each (firing alerts)}}{{{labels.instance}}}{{/each}}",
  "{{ range $i, $a := .Alerts }}{{ $i }}:{{ $a.Status }} {{ end }}":
    "{{#each alerts as |a i|}}{{{i}}}:{{{a.status}}} {{/each}}",
  "{{ (index .Alerts 0).Fingerprint }}": "{{#with (index alerts 0)}}{{{fingerprint}}}{{/with}}",
  "{{ (index .Alerts 0).StartsAt }}": "{{{alerts.[0].startsAt}}}",
  "{{ (index .Alerts 1).StartsAt }}": "{{{alerts.[1].startsAt}}}",
  "{{ (index .Alerts 0).EndsAt }}": "{{{alerts.[0].endsAt}}}",
  "{{ (index .Alerts 0).EndsAt.IsZero }}": "{{{isZero alerts.[0].endsAt}}}",
  '{{ (index .Alerts 0).StartsAt | date "2006-01-02 15:04:05" }}':
    '{{{date "2006-01-02 15:04:05" alerts.[0].startsAt}}}',
  '{{ (index .Alerts 1).StartsAt | date "2006-01-02 15:04:05 MST -0700" }}':
    '{{{date "2006-01-02 15:04:05 MST -0700" alerts.[1].startsAt}}}',
  '{{ (index .Alerts 0).StartsAt | tz "Asia/Shanghai" | date "2006-01-02 15:04:05 MST" }}':
    '{{{date "2006-01-02 15:04:05 MST" (tz "Asia/Shanghai" alerts.[0].startsAt)}}}',
  '{{ (index .Alerts 0).StartsAt | tz "Europe/Paris" | date "15:04:05 MST" }}':
    '{{{date "15:04:05 MST" (tz "Europe/Paris" alerts.[0].startsAt)}}}',
  '{{ (index .Alerts 0).StartsAt | tz "" | date "MST" }}': '{{{date "MST" (tz "" alerts.[0].startsAt)}}}',
  '{{ (index .Alerts 0).StartsAt | tz "No/Where" }}': '{{{tz "No/Where" alerts.[0].startsAt}}}',
  '{{ (index .Alerts 0).StartsAt | date "Mon Jan _2 3:04PM .000 02/01/06" }}':
    '{{{date "Mon Jan _2 3:04PM .000 02/01/06" alerts.[0].startsAt}}}',
  '{{ (index .Alerts 0).StartsAt.Format "2006-01-02T15:04:05Z07:00" }}':
    '{{{format alerts.[0].startsAt "2006-01-02T15:04:05Z07:00"}}}',
  '{{ ((index .Alerts 0).StartsAt.Add 28800e9).Format "2006-01-02 15:04:05" }}':
    '{{{format (add alerts.[0].startsAt 28800000000000) "2006-01-02 15:04:05"}}}',
  "{{ (index .Alerts 0).StartsAt.Unix }}": "{{{unix alerts.[0].startsAt}}}",
  "{{ ((index .Alerts 1).EndsAt.Sub (index .Alerts 1).StartsAt) }}": "{{{sub alerts.[1].endsAt alerts.[1].startsAt}}}",
  "{{ ((index .Alerts 1).EndsAt.Sub (index .Alerts 1).StartsAt) | humanizeDuration }}":
    "{{{humanizeDuration (sub alerts.[1].endsAt alerts.[1].startsAt)}}}",
  "{{ humanizeDuration 0 }}": "{{{humanizeDuration 0}}}",
  "{{ humanizeDuration 1 }}": "{{{humanizeDuration 1}}}",
  "{{ humanizeDuration 59.9999 }}": "{{{humanizeDuration 59.9999}}}",
  "{{ humanizeDuration 60 }}": "{{{humanizeDuration 60}}}",
  "{{ humanizeDuration 3661 }}": "{{{humanizeDuration 3661}}}",
  "{{ humanizeDuration 90061 }}": "{{{humanizeDuration 90061}}}",
  "{{ humanizeDuration -75 }}": "{{{humanizeDuration -75}}}",
  "{{ humanizeDuration 0.123456 }}": "{{{humanizeDuration 0.123456}}}",
  "{{ humanizeDuration 0.0000012 }}": "{{{humanizeDuration 0.0000012}}}",
  '{{ humanizeDuration "123.45" }}': '{{{humanizeDuration "123.45"}}}',
  '{{ humanizeDuration "abc" }}': '{{{humanizeDuration "abc"}}}',
  "{{ humanizeDuration 1234567.8 }}": "{{{humanizeDuration 1234567.8}}}",
  '{{ list 1 "a" true }}': '{{{list 1 "a" true}}}',
  "{{ append (list 1) 2 3 }}": "{{{append (list 1) 2 3}}}",
  '{{ dict "a" 1 "b" "x" | toJson }}': '{{{toJson (dict "a" 1 "b" "x")}}}',
  '{{ dict "a" }}': '{{{dict "a"}}}',
  '{{ printf "%.2f|%5d|%-5s|%q|%v" 3.14159 42 "ab" "q\\"" true }}':
    '{{{printf "%.2f|%5d|%-5s|%q|%v" 3.14159 42 "ab" "q\\"" true}}}',
  '{{ print 1 2 "a" "b" 3 }}': '{{{print 1 2 "a" "b" 3}}}',
  '{{ println "x" }}': '{{{println "x"}}}',
  '{{ html "<a>&\'" }}': '{{{html "<a>&\'"}}}',
  '{{ js "a\'b<" }}': '{{{js "a\'b<"}}}',
  '{{ urlquery "a b&c/中" }}': '{{{urlquery "a b&c/中"}}}',
  '{{ slice "abcdef" 1 3 }}': '{{{slice "abcdef" 1 3}}}',
  '{{ len "中文" }}': '{{{len "中文"}}}',
  '{{ slice "中文" 0 3 }}': '{{{slice "中文" 0 3}}}',
  '{{ eq .Status "firing" }} {{ eq 1 2 1 }} {{ ne "a" "b" }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt 3 2 }} {{ ge 2 3 }}':
    '{{{eq status "firing"}}} {{{eq 1 2 1}}} {{{ne "a" "b"}}} {{{lt 1 2}}} {{{le 2 2}}} {{{gt 3 2}}} {{{ge 2 3}}}',
  '{{ and true "" }}|{{ or "" "d" }}|{{ not "" }}': '{{{and true ""}}}|{{{or "" "d"}}}|{{{not ""}}}',
  "{{ if and .CommonLabels.env (not .CommonLabels.nope) }}y{{ else }}n{{ end }}":
    "{{#if (and commonLabels.env (not commonLabels.nope))}}y{{else}}n{{/if}}",
  "{{ with .CommonLabels.nope }}x{{ else }}none{{ end }}": "{{#with commonLabels.nope}}x{{else}}none{{/with}}",
  "{{ range .Alerts.Firing }}{{ else }}empty{{ end }}ok": "{{#each (firing alerts)}}{{else}}empty{{/each}}ok",
  'a\n{{- " b " -}}\nc': 'a\n{{~{" b "}~}}\nc',
  "{{/* c */}}d": "{{!-- c --}}d",
  "{{ .NotificationReason }}": "{{{notificationReason}}}",
  "{{ .ExternalURL }}": "{{{externalURL}}}",
  "{{ .Receiver }}": "{{{receiver}}}",
  '{{ "日本語テキスト" | printf "%.3s" }}': '{{{printf "%.3s" "日本語テキスト"}}}',
};

/** Expressions without a translation, and the reason. */
export const WITHOUT_EQUIVALENT: Readonly<Record<string, string>> = {
  '{{ .CommonLabels.SortedPairs.Values.Join ":" }}':
    'an error only before Alertmanager 0.34; {{join ":" (values commonLabels)}} works with every version',
  "{{ .Nope }}": "Go knows the fields of its structs; a Handlebars view is a map, and a missing key is empty",
};
