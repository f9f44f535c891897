// Posts as Alertmanager does: evenly over the span and to the replicas in turn. Every fifth webhook goes to two replicas at once. Each
// is retried until the answer is 200.

import { setTimeout as delay } from "node:timers/promises";
import { request } from "undici";
import type { Random } from "../../test/fuzz/random.ts";
import type { Fleet } from "./fleet.ts";
import { webhookOf } from "./webhooks.ts";

export interface PostOptions {
  readonly fleet: Fleet;
  readonly webhooks: number;
  /** How long posting takes on the real clock. */
  readonly realMs: number;
  readonly random: Random;
}

const answerWithinMs = 4_000;
/** Doubled at each retry, as senders do: retries of all senders at the same time would be another storm. */
const againAfterMs = 100;
const againAtMostMs = 10_000;
const oneTwiceOf = 5;

/** Resolves with the ids of all alerts when every webhook is accepted. */
export async function postAll({ fleet, webhooks, realMs, random }: PostOptions): Promise<readonly string[]> {
  const startedAt = performance.now();
  const accepted: string[] = [];
  const posts: Promise<void>[] = [];
  for (let n = 0; n < webhooks; n++) {
    await delay(Math.max(0, startedAt + (n * realMs) / webhooks - performance.now()));
    const { body, ids } = webhookOf(n, random);
    accepted.push(...ids);
    posts.push(postUntilTaken(fleet, body, n));
    if (n % oneTwiceOf === 0) posts.push(postUntilTaken(fleet, body, n + 1));
  }
  await Promise.all(posts);
  return accepted;
}

async function postUntilTaken(fleet: Fleet, body: string, first: number): Promise<void> {
  let waitMs = againAfterMs;
  for (let turn = first; !(await isTaken(`${fleet.origin(turn)}/webhook`, body)); turn++) {
    await delay(waitMs);
    waitMs = Math.min(waitMs * 2, againAtMostMs);
  }
}

async function isTaken(url: string, body: string): Promise<boolean> {
  const limits = { headersTimeout: answerWithinMs, bodyTimeout: answerWithinMs };
  // A sender does not distinguish a refusal, a lost connection and a late answer.
  const answer = await request(url, { method: "POST", body, ...limits }).catch(() => null);
  await answer?.body.dump().catch(() => undefined);
  return answer?.statusCode === 200;
}
