// Hints for templates that were pasted from Alertmanager or Grafana: Go's syntax in a place where a template has an issue, and
// how it is written here. docs/templates.md translates the rest.

import type { Issue } from "../../domain/issue.ts";

/** Looked for in the text between {{ and }}; the first row that fits counts. `$1` is what its group found. */
const rows: readonly (readonly [go: RegExp, name: string, ours: string])[] = [
  [/^(call|break|continue)\b/, "$1", "not available"],
  [/^(query|strvalue|sortByLabel|tableLink|graphLink|args)\b/, "$1", "not available outside of Prometheus's rules"],
  [/\bGetCSTtime\b/, "GetCSTtime", '{{date "2006-01-02 15:04:05" (tz "Asia/Shanghai" startsAt)}}'],
  [/^upper\b/, "upper", "{{toUpper status}}"],
  [/^lower\b/, "lower", "{{toLower status}}"],
  [/^trim\b/, "trim", "{{trimSpace status}}"],
  [/^contains\b/, "contains", '{{match "fir" status}}'],
  [/^replace\b/, "replace", '{{reReplaceAll "-" "_" status}}'],
  [/^range\b/, "range", "{{#each alerts}}…{{/each}}"],
  [/^define\b/, "define", '{{#*inline "row"}}…{{/inline}}'],
  [/^template\b/, "template", "{{> row}}"],
  [/^block\b/, "block", "{{#> row}}…{{/row}}"],
  [/^(?:else )?if\s(?:.*[.$]|(?:not|and|or|eq|ne|l[te]|g[te])\s)/, "if", '{{#if (eq status "firing")}}…{{/if}}'],
  [/^with\s.*[.$]/, "with", "{{#with x}}…{{/with}}"],
  [/^\$\w*\s*:?=/, ":=", "{{#with labels.job as |x|}}…{{/with}}"],
  [/`/, "`…`", '"…"'],
  [/\s\|\s/, "|", "{{toUpper status}}, and calls nest in parentheses"],
  [/\.Alerts\.(?:Firing|Resolved)\b/, ".Alerts.Firing", "(firing alerts)"],
  [/\.SortedPairs\b/, ".SortedPairs", "(sortedPairs labels)"],
  [/\.(?:Names|Values)\b/, ".Values", "(values labels)"],
  [/\.Remove\b/, ".Remove", '(remove labels (list "env"))'],
  [/\.Format\b/, ".Format", '{{format startsAt "15:04"}}'],
  [/\.Add\b/, ".Add", '(add startsAt "8h")'],
  [/^\(index\b/, "(index .Alerts 0).Status", "{{alerts.[0].status}}"],
  [/^([a-z]\w*)\s(?:.*\s)?[.$]\w/i, "$1 … .Status", "{{$1 … status}}"],
  [/^[.$]\w/, ".Status", "{{status}}"],
  [/^\/\*/, "{{/* … */}}", "{{!-- … --}}"],
];

const unopened = /\{\{-?\s*(?:if|range|with)\s/;

/** The issue with what Go's syntax there is called here; as it is when there is none. */
export function withGoHint(issue: Issue, text: string): Issue {
  const hint = goHint(mustacheAt(text, issue), text);
  return hint === null
    ? issue
    : { ...issue, message: `${issue.message}; ${hint}: docs/templates.md, "From Go templates"` };
}

function goHint(written: string, text: string): string | null {
  const content = written.replace(/^-\s*|\s+-$/g, "").trim();
  for (const [go, name, ours] of rows) {
    const [found, word = ""] = go.exec(content) ?? [];
    if (found !== undefined) return `Go's ${name} is ${ours}`.replaceAll("$1", word);
  }
  if (content !== written.trim()) return "Go's {{- x -}} is {{~x~}}";
  return /^else\b/.test(content) && unopened.test(text)
    ? "Go's if, range and with are {{#if}}, {{#each}}, {{#with}}"
    : null;
}

/** What stands between the last {{ before a place, or at it, and the next }}. */
function mustacheAt(text: string, { line, column }: Issue): string {
  const before = text.split("\n").slice(0, line - 1);
  const at = before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
  const start = text.lastIndexOf("{{", at + 1);
  if (start === -1) return "";
  const end = text.indexOf("}}", start);
  return text.slice(start + 2, end === -1 ? undefined : end);
}
