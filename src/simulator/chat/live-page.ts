// Shell: the page of the group chat and its live stream (server-sent events). Sends what page.ts and chat-entry.ts
// render; holds the open streams and nothing else. Its lifetime is the server's.

import { type Request, type Response, Router } from "express";
import type { MovableClock } from "../clock.ts";
import type { Ledger } from "../ledger.ts";
import { entryHtml } from "./entry.ts";
import { type GaugeView, pageHtml } from "./page.ts";
import { pageScript } from "./page-script.ts";
import { pageStyle } from "./page-style.ts";

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

/** So that the gauges empty as the window slides, with nothing else going on. */
const gaugeEveryMs = 1000;

interface Stream {
  readonly response: Response;
  sentEntries: number;
  sentGauges: string;
}

export class LivePage {
  readonly #ledger: Ledger;
  readonly #clock: MovableClock;
  readonly #streams: Set<Stream> = new Set();
  #timer: NodeJS.Timeout | null = null;

  constructor(ledger: Ledger, clock: MovableClock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  routes(): Router {
    const router = Router();
    router.get("/", (_request, response) => this.#sendPage(response));
    router.get("/_sim/page.css", (_request, response) => send(response, "text/css", pageStyle));
    router.get("/_sim/page.js", (_request, response) => send(response, "text/javascript", pageScript));
    router.get("/_sim/stream", (request, response) => this.#open(request, response));
    return router;
  }

  /** Sends each open page what it has not got yet. */
  update(): void {
    for (const stream of this.#streams) this.#advance(stream);
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
    send(response, "text/html", this.#ledger.keys.hideKeys(html));
  }

  /** `after` is how many entries the page already shows. */
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
    this.#advance(stream);
  }

  #advance(stream: Stream): void {
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
    const at = this.#clock.now();
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

function send(response: Response, type: string, text: string): void {
  response.set({
    "Content-Type": `${type}; charset=utf-8`,
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
  });
  response.end(text);
}
