// The page of the simulated group chat and its live stream (server-sent events). The page needs no other origin. Script
// and style have their own URLs, because the policy allows no inline code.

import { type Request, type Response, Router } from "express";
import type { Ledger } from "../ledger.ts";
import type { ChatEntry, RecordedFile } from "../record.ts";
import { entryHtml } from "./entry.ts";
import { type Html, html } from "./html.ts";
import { pageScript, pageStyle } from "./page-assets.ts";

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The gauges fall as the window moves, also when no request arrives. */
const gaugeEveryMs = 1000;

interface Stream {
  readonly response: Response;
  sentEntries: number;
  sentGauges: string;
}

export class LivePage {
  readonly #ledger: Ledger;
  readonly #now: () => number;
  readonly #streams: Set<Stream> = new Set();
  #timer: NodeJS.Timeout | null = null;

  constructor(ledger: Ledger, now: () => number) {
    this.#ledger = ledger;
    this.#now = now;
  }

  routes(): Router {
    const router = Router();
    router.get("/", (_request, response) => this.#sendPage(response));
    router.get("/_sim/page.css", (_request, response) => sendText(response, "text/css", pageStyle));
    router.get("/_sim/page.js", (_request, response) => sendText(response, "text/javascript", pageScript));
    router.get("/_sim/stream", (request, response) => this.#open(request, response));
    return router;
  }

  /** Sends every open page the entries that it does not have yet. */
  update(): void {
    for (const stream of this.#streams) this.#sendNew(stream);
  }

  reset(): void {
    for (const stream of this.#streams) {
      stream.sentEntries = 0;
      stream.response.write("event: reset\ndata: {}\n\n");
    }
    this.update();
  }

  close(): void {
    for (const { response } of this.#streams) response.end();
    this.#streams.clear();
    this.#stopTimer();
  }

  #sendPage(response: Response): void {
    const entries = this.#ledger.entries();
    const html = pageHtml({ entries, files: this.#ledger.files(), gauges: this.#gauges() });
    response.set({ "Content-Security-Policy": policy, "Referrer-Policy": "no-referrer" });
    sendText(response, "text/html", this.#ledger.keys.hideKeys(html));
  }

  /** `after` is the number of entries that the page already shows. */
  #open(request: Request, response: Response): void {
    response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store" });
    response.flushHeaders();
    const shown = Number(request.headers["last-event-id"] ?? request.query.after ?? 0);
    const known = Number.isInteger(shown) && shown >= 0 && shown <= this.#ledger.entries().length;
    const stream: Stream = { response, sentEntries: known ? shown : 0, sentGauges: "" };
    if (!known) response.write("event: reset\ndata: {}\n\n");
    this.#streams.add(stream);
    response.once("close", () => this.#forget(stream));
    this.#timer ??= setInterval(() => this.update(), gaugeEveryMs).unref();
    this.#sendNew(stream);
  }

  #sendNew(stream: Stream): void {
    const fresh = this.#ledger.entries().slice(stream.sentEntries);
    for (const entry of fresh) {
      stream.sentEntries += 1;
      const html = this.#ledger.keys.hideKeys(entryHtml(entry, this.#ledger.files()).html);
      stream.response.write(`id: ${stream.sentEntries}\nevent: entry\ndata: ${JSON.stringify({ html })}\n\n`);
    }
    const gauges = JSON.stringify(this.#gauges());
    if (gauges === stream.sentGauges) return;
    stream.sentGauges = gauges;
    stream.response.write(`event: gauges\ndata: ${gauges}\n\n`);
  }

  #gauges(): readonly GaugeView[] {
    const { keys, switches } = this.#ledger;
    const at = this.#now();
    return keys.robots.map((robot) => ({
      label: robot.keyNumber === 1 ? robot.name : `${robot.name} #${robot.keyNumber}`,
      taken: this.#ledger.slotsTaken(robot, at),
      slots: switches.limit,
    }));
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#streams.size === 0) this.#stopTimer();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}

function sendText(response: Response, type: string, text: string): void {
  response.set({
    "Content-Type": `${type}; charset=utf-8`,
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
  });
  response.end(text);
}

/** The rate window of one robot: how many of its slots are taken now. */
interface GaugeView {
  readonly label: string;
  readonly taken: number;
  readonly slots: number;
}

interface PageView {
  readonly entries: readonly ChatEntry[];
  readonly files: readonly RecordedFile[];
  readonly gauges: readonly GaugeView[];
}

function pageHtml({ entries, files, gauges }: PageView): string {
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
<div><h1>群聊模拟器</h1><p>WeCom robot simulator · 消息不会离开本机 messages stay on this machine</p></div>
<div id="gauges">${gauges.map(gaugeHtml)}</div>
<p id="state" class="note">未连接 not connected</p>
</header>
<main><ol id="chat">${entries.map((entry) => entryHtml(entry, files))}</ol>
<p id="empty">暂无消息<br><small>No messages yet</small></p></main>
</body>
</html>
`.html;
}

function gaugeHtml({ label, taken, slots }: GaugeView): Html {
  return html`<label class="gauge"><span>${label}</span><meter min="0" max="${slots}" value="${taken}"></meter>
<span class="count">${taken}/${slots}</span></label>`;
}
