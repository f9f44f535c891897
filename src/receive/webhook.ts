// Shell: one webhook from its head to its answer. Ready, known, read, signed, stored: in this order, so that strangers are turned
// away before they cost anything.

import type { Request, Response } from "express";
import type { Hook } from "../domain/intake.ts";
import type { WebhookSource } from "../observe/receive-metrics.ts";
import type { Accept, Accepted } from "./accept.ts";
import { type Answer, answerTo, refusal } from "./answer.ts";
import { createBodyPool } from "./body-budget.ts";
import type { Guard } from "./guard.ts";
import type { Status } from "./probes.ts";
import { readBody } from "./read-body.ts";

export interface WebhookOptions {
  readonly accept: Accept;
  readonly guard: Guard;
  readonly status: () => Status;
  /** Of the body after decompression. */
  readonly maxBodyBytes: number;
  /** Of all bodies that are being read or stored, or one alone; 503 beyond it. */
  readonly maxHeldBytes: number;
  /** Within which a body must have arrived; 408 after it. 30 s when absent. */
  readonly bodyTimeoutMs?: number;
}

const bodyTimeoutMs = 30_000;
const lastChanceMs = 1_000;

/** Answers a webhook, once, and lets log and metrics know. Refusals by `accept` and the guard were logged there, with their cause. */
export type Reply = (res: Response, answer: Answer, told?: { readonly source: WebhookSource }) => void;

export type WebhookHandler = (hook: Hook, req: Request, res: Response) => Promise<void>;

export function createWebhookHandler(deps: WebhookOptions, answer: Reply): WebhookHandler {
  const budgetOf = createBodyPool(deps.maxHeldBytes);
  return async (hook, req, res) => {
    const status = deps.status();
    if (!status.ready && !status.accepts) return answer(res, notReady(status.reason));
    const head = await deps.guard.head(hook, req);
    if (head.kind === "refused") return answer(res, head.answer, { source: "unknown" });

    const budget = budgetOf();
    const stopWaiting = limitWait(req, res, { answer, waitMs: deps.bodyTimeoutMs ?? bodyTimeoutMs });
    try {
      const body = await readBody(req, { maxBytes: deps.maxBodyBytes, budget });
      stopWaiting();
      // The body may still have ended while its 408 was on the way: what was refused is not stored.
      if (res.headersSent) return;
      if (body.kind === "refused") return answer(res, body.answer);

      const signed = head.kind === "needsBody" ? await deps.guard.body(hook, req, body.bytes) : head;
      if (signed.kind === "refused") return answer(res, signed.answer, { source: "unknown" });
      const accepted = await store({ hook, req, bytes: body.bytes }, deps);
      answer(res, answerTo(accepted), accepted);
    } finally {
      stopWaiting();
      budget.release();
    }
  };
}

interface Arrived {
  readonly hook: Hook;
  readonly req: Request;
  readonly bytes: Uint8Array;
}

/** What is not stored may come again with the same signature, also when storing is what failed. */
async function store({ hook, req, bytes }: Arrived, { guard, accept }: WebhookOptions): Promise<Accepted> {
  let stored = false;
  try {
    const accepted = await accept(bytes, hook);
    stored = accepted.kind === "accepted";
    return accepted;
  } finally {
    if (!stored) guard.release(hook, req);
  }
}

function notReady(reason: string): Answer {
  return refusal(503, "not_ready", `the service is ${reason}; send again later`);
}

interface Wait {
  readonly answer: Reply;
  readonly waitMs: number;
}

/**
 * Node's own time-outs would close the connection without a word in the metrics. In two steps: when it was us who stood still,
 * what has arrived meanwhile is read before anybody is called slow.
 */
function limitWait(req: Request, res: Response, { answer, waitMs }: Wait): () => void {
  const lastMs = Math.min(lastChanceMs, waitMs / 2);
  const cut = () => {
    res.set("Connection", "close");
    res.once("finish", () => req.destroy());
    answer(res, refusal(408, "body_too_slow", "the body did not arrive in time"));
  };
  let timer = setTimeout(() => {
    timer = setTimeout(cut, lastMs);
  }, waitMs - lastMs);
  return () => clearTimeout(timer);
}
