// The status as one page that reads without a script and fetches nothing: HTML and the policy that holds it to that. Pure.

import { createHash } from "node:crypto";
import { type Html, html, noHtml } from "./html.ts";
import type { BotState, BotStatus, ServiceStatus } from "./status.ts";
import { type Language, statusStrings } from "./status-strings.ts";

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

/** For the header of that name: this style, and nothing else from anywhere. */
export const statusPolicy =
  `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function statusPage(status: ServiceStatus, language: Language): string {
  const words = statusStrings[language];
  const { version, demo, ready, uptimeMs, storage, config, bots } = status;
  // No white space around the style: its hash is over every byte.
  return html`<!doctype html>
<html lang="${words.htmlLanguage}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${refreshSeconds}">
<title>alertmanager-wecom</title>
<style>${{ html: style }}</style>
</head>
<body>
<h1>alertmanager-wecom <small>${version}</small></h1>
${demo ? html`<p class="warn">${words.demo}</p>` : noHtml}
<dl>
<dt>${words.up}</dt><dd>${words.span(uptimeMs)} · <span class="${ready ? "ok" : "warn"}">${ready ? words.ready : words.stopping}</span></dd>
<dt>${words.storage}</dt><dd>${storage.engine}${storage.answers ? noHtml : html` · <span class="bad">${words.storageAway}</span>`}</dd>
<dt>${words.config}</dt><dd><code>${config.hash.slice(0, 12)}</code> · ${words.loadedAgo(words.span(config.loadedMsAgo))}${refusedLine(status, language)}</dd>
</dl>
<table>
<thead><tr>${words.columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${bots.length === 0 ? html`<tr><td colspan="${words.columns.length}">${words.noBots}</td></tr>` : bots.map((bot) => botRow(bot, language))}</tbody>
</table>
<footer><p>${storage.engine === "postgres" ? words.replica : null} ${words.more}
<code>/metrics</code> · <code>/-/healthy</code> · <code>/-/ready</code> · <code>/api/v1/status</code></p></footer>
</body>
</html>
`.html;
}

function refusedLine({ config: { refusedIssues } }: ServiceStatus, language: Language): Html {
  if (refusedIssues === 0) return noHtml;
  return html`<br><span class="bad">${statusStrings[language].refused(refusedIssues)}</span>`;
}

const severities: Readonly<Record<BotState, "ok" | "warn" | "bad">> = {
  idle: "ok",
  delivery: "ok",
  waiting: "warn",
  keysOff: "warn",
  noKeyUp: "bad",
  unconfigured: "bad",
  unknown: "warn",
};

function botRow(status: BotStatus, language: Language): Html {
  const { states, span } = statusStrings[language];
  const { bot, state, notifications, oldestMs, freeSlots, keys, keysUp } = status;
  return html`<tr><th scope="row">${bot}</th>
<td><span class="${severities[state]}">${states[state]}</span>${details(status, language)}</td>
<td class="number">${notifications ?? "–"}</td><td class="number">${oldestMs === null ? "–" : span(oldestMs)}</td>
<td class="number">${state === "unconfigured" ? "–" : freeSlots}</td><td class="number">${state === "unconfigured" ? "–" : `${keysUp} / ${keys}`}</td></tr>
`;
}

function details({ state, freeSlots, readyInMs, reasons }: BotStatus, language: Language): Html {
  const words = statusStrings[language];
  const said = [
    reasons.length > 0 && state !== "idle" ? words.since(reasons.join(", ")) : null,
    freeSlots === 0 && readyInMs !== null && readyInMs > 0 ? words.nextIn(words.span(readyInMs)) : null,
  ].filter((text) => text !== null);
  return said.length === 0 ? noHtml : html`<small>${said.join(" · ")}</small>`;
}
