// The HTTP face for alert senders and probes: routes, sizes, methods and answers. What a body means is `accept`'s business.
// It never redirects (a redirected POST arrives as GET), never answers 429 (Alertmanager retries 5xx only) and never echoes a body.

import type { Server } from "node:http";
import type { Express } from "express";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { Accept } from "./accept.ts";

/** Whether webhooks are taken; the reason (`starting`, `stopping`) is shown to probes and senders. */
export type Status = { readonly ready: true } | { readonly ready: false; readonly reason: string };

export interface ReceiverDeps {
  readonly accept: Accept;
  readonly status: () => Status;
  readonly metrics: Pick<Metrics, "webhookAnswered" | "unexpectedError" | "text" | "contentType">;
  readonly log: Log;
  readonly now: () => number;
  /** Of the body after decompression. */
  readonly maxBodyBytes: number;
  /** Names of the configured bots, for the answer to an unknown path. */
  readonly bots: () => readonly string[];
}

export function createReceiver(_deps: ReceiverDeps): Express {
  throw new Error("to be written");
}

export interface ListenOptions {
  /** Empty for every address of the machine. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Within which a request must have arrived whole; 408 after it. 60 s when absent. */
  readonly requestTimeoutMs?: number;
}

export interface Listening {
  readonly server: Server;
  readonly port: number;
  /** Takes no new connection, lets the answers in flight finish, and cuts what is still open after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

export function listen(_app: Express, _options: ListenOptions): Promise<Listening> {
  throw new Error("to be written");
}
