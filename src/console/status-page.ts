// The status as one HTML page that runs no script and loads nothing, and the policy that enforces this.

import { createHash } from "node:crypto";
import type { Language } from "../domain/message-kind.ts";
import { type Html, html, noHtml } from "./html.ts";
import type { BotState, BotStatus, ServiceStatus } from "./status.ts";
import { type StatusStrings, statusStrings } from "./status-strings.ts";

const refreshSeconds = 10;

const style = `
:root { color-scheme: light dark; --ok: #00875a; --soft: #6b7280; --warn: #b45309; --bad: #c2410c; }
body { max-width: 960px; margin: 0 auto; padding: 20px;
  font: 15px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
h1 { margin: 0; font-size: 20px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; }
dt, small, footer { color: var(--soft); }
dd { margin: 0; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 6px 10px 6px 0; border-bottom: 1px solid #8884; text-align: left; vertical-align: top; }
td.number { font-variant-numeric: tabular-nums; }
td small { display: block; }
.ok { color: var(--ok); } .warn { color: var(--warn); } .bad { color: var(--bad); font-weight: 600; }
`;

/** The Content-Security-Policy: this style and nothing else. */
export const statusPolicy =
  `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function statusPage(status: ServiceStatus, language: Language): string {
  const strings = statusStrings[language];
  const { overview, version, demo, uptimeMs, storage, config, bots } = status;
  // No white space around the style: its hash is over every byte.
  return html`<!doctype html>
<html lang="${strings.htmlLanguage}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${refreshSeconds}">
<title>alertmanager-wecom</title>
<style>${{ html: style }}</style>
</head>
<body>
<h1>alertmanager-wecom <small>${version}</small></h1>
${demo ? html`<p class="warn">${strings.demo}</p>` : noHtml}
${overview.problems.map(({ level, text }) => html`<p class="${level}">${text}</p>`)}
${overview.level === "ok" ? html`<p class="ok">${overview.sentence}</p>` : noHtml}
<dl>
<dt>${strings.up}</dt><dd>${strings.span(uptimeMs)}</dd>
<dt>${strings.storage}</dt><dd>${storage.engine}</dd>
<dt>${strings.config}</dt><dd><code>${config.hash.slice(0, 12)}</code> · ${strings.loadedAgo(strings.span(config.loadedMsAgo))}</dd>
</dl>
<table>
<thead><tr>${strings.columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${bots.length === 0 ? html`<tr><td colspan="${strings.columns.length}">${strings.noBots}</td></tr>` : bots.map((bot) => botRow(bot, strings))}</tbody>
</table>
<footer><p>${storage.engine === "postgres" ? strings.replica : null} ${strings.more}
<code>/metrics</code> · <code>/-/healthy</code> · <code>/-/ready</code> · <code>/api/v1/status</code></p></footer>
</body>
</html>
`.html;
}

const stateClasses: Readonly<Record<BotState, "ok" | "warn" | "bad">> = {
  idle: "ok",
  delivering: "ok",
  waiting: "warn",
  retrying: "warn",
  someKeysRejected: "warn",
  allKeysRejected: "bad",
  unconfigured: "bad",
  unknown: "warn",
};

function botRow(status: BotStatus, strings: StatusStrings): Html {
  const { bot, state, notifications, oldestMs, windowSlots, freeSlots, keys, workingKeys, dead } = status;
  const isConfigured = state !== "unconfigured";
  return html`<tr><th scope="row">${bot}</th>
<td><span class="${(dead ?? 0) > 0 ? "bad" : stateClasses[state]}">${strings.states[state]}</span>${details(status, strings)}</td>
<td class="number">${notifications ?? "–"}</td><td class="number">${oldestMs === null ? "–" : strings.span(oldestMs)}</td>
<td class="number">${isConfigured ? `${freeSlots ?? "–"} / ${windowSlots}` : "–"}</td><td class="number">${isConfigured ? `${workingKeys} / ${keys}` : "–"}</td></tr>
`;
}

/** The code of a reason stands beside its text: errors.md and the metrics have it. */
function details({ state, readyInMs, reasons, untriedKeys, dead }: BotStatus, strings: StatusStrings): Html {
  const texts = state === "idle" ? [] : reasons.map((reason) => `${strings.reasons[reason]} (${reason})`);
  const span = strings.span(readyInMs ?? 0);
  if (readyInMs !== null && readyInMs > 0) {
    if (state === "allKeysRejected") texts.push(strings.nextCheckIn(span));
    if (state === "retrying") texts.push(strings.nextRetryIn(span));
    if (state === "waiting") texts.push(strings.nextMessageIn(span));
  }
  if (untriedKeys > 0) texts.push(strings.untriedKeys(untriedKeys));
  if (dead !== null && dead > 0) texts.push(strings.dead(dead));
  return texts.length === 0 ? noHtml : html`<small>${texts.join(" · ")}</small>`;
}
