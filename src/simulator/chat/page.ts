// The page of the simulated group chat. In: the entries, files and gauges of the ledger; out: one whole HTML document
// that needs no other origin. Script and style are files of their own, because the policy allows no inline code.

import { type Html, html } from "../../console/html.ts";
import type { ChatEntry, RecordedFile } from "../record.ts";
import { entryHtml } from "./entry.ts";

/** One robot's window: how many of its slots are taken now. */
export interface GaugeView {
  readonly label: string;
  readonly taken: number;
  readonly slots: number;
}

export interface PageView {
  readonly entries: readonly ChatEntry[];
  readonly files: readonly RecordedFile[];
  readonly gauges: readonly GaugeView[];
}

export function pageHtml({ entries, files, gauges }: PageView): string {
  return html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>群聊模拟器 · WeCom robot simulator</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/_sim/page.css">
<script src="/_sim/page.js" defer></script>
</head>
<body data-shown="${entries.length}">
<header>
<div><h1>群聊模拟器</h1><p>WeCom robot simulator · 消息不会离开本机 nothing leaves this machine</p></div>
<div id="gauges">${gauges.map(gaugeHtml)}</div>
<p id="state" class="note">静态 static</p>
</header>
<main><ol id="chat">${entries.map((entry) => entryHtml(entry, files))}</ol>
<p id="empty">还没有消息<br><small>No message has arrived yet</small></p></main>
</body>
</html>
`.html;
}

function gaugeHtml({ label, taken, slots }: GaugeView): Html {
  return html`<label class="gauge"><span>${label}</span><meter min="0" max="${slots}" value="${taken}"></meter>
<span class="count">${taken}/${slots}</span></label>`;
}
