// One webhook at a time, each to a bot that has not sent yet. The sides take turns, so that whatever else runs on the machine affects
// all of them.

import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "undici";
import type { Child } from "../child.ts";
import { quantile, webhook } from "../load.ts";
import { costOf, untilAtRest, untilDelivered } from "../replicas/measure.ts";
import { ask, type Bench, benchOf, type Costs, type Lab, type Setup } from "../replicas/setups.ts";
import { type Steps, stepsOf, tracing } from "./steps.ts";

export interface Idle {
  /** Per notification. */
  readonly cost: Costs;
  /** From the webhook until the headers of the request are at the robot. */
  readonly p50Ms: number;
  readonly p90Ms: number;
  /** From the webhook to its answer. */
  readonly answerMs: number;
  /** Null without strace. */
  readonly steps: Steps | null;
}

export interface IdleOptions {
  readonly setup: Setup;
  readonly samples: number;
}

const warmUps = 5;
const traced = 9;

/** Each bot gets one webhook. */
export const botsOf = (samples: number) => warmUps + samples + traced;

/** Time for a message to arrive, and then for the service to record the robot's answer. What it does at rest is in the cost. */
const settleMs = 25;

/** Results in the order of the labs. */
export async function idle(labs: readonly Lab[], { setup, samples }: IdleOptions): Promise<readonly Idle[]> {
  const sides: Side[] = [];
  for (const lab of labs) sides.push(await Side.start(lab, setup));
  for (const side of sides) await side.atRest();
  await inTurn(sides, warmUps);
  await delay(300);
  const before = await Promise.all(sides.map((side) => side.costs()));
  await inTurn(sides, samples);
  const after = await Promise.all(sides.map((side) => side.costs()));
  const results: Idle[] = [];
  for (const [n, side] of sides.entries()) {
    const cost = costOf(before[n] as Costs, after[n] as Costs, samples);
    results.push({ cost, ...(await side.times(samples)), steps: await side.steps() });
  }
  for (const side of sides) await side.stop();
  return results;
}

async function inTurn(sides: readonly Side[], webhooks: number): Promise<void> {
  for (let i = 0; i < webhooks; i++) {
    for (const side of i % 2 === 0 ? sides : [...sides].reverse()) await side.deliver();
  }
}

class Side {
  readonly #lab: Lab;
  readonly #bench: Bench;
  readonly #child: Child;
  readonly #pool: Pool;
  readonly #sentAt: number[] = [];
  readonly #answeredMs: number[] = [];

  private constructor(lab: Lab, bench: Bench, child: Child) {
    this.#lab = lab;
    this.#bench = bench;
    this.#child = child;
    this.#pool = new Pool(child.origin, { connections: 1, pipelining: 1 });
  }

  static async start(lab: Lab, setup: Setup): Promise<Side> {
    await ask(lab.robots, "reset");
    const bench = await benchOf(lab, setup, "");
    const [child] = await bench.start();
    if (child === undefined) throw new Error("a setup without replicas");
    return new Side(lab, bench, child);
  }

  costs(): Promise<Costs> {
    return this.#bench.costs([this.#child]);
  }

  atRest(): Promise<void> {
    return untilAtRest(this.#bench, [this.#child]);
  }

  /** Resolves when the robot has the message and the service had time to record its answer. */
  async deliver(): Promise<void> {
    const path = `/webhook/bot/bot${this.#sentAt.length}`;
    const sentAt = performance.timeOrigin + performance.now();
    const { statusCode, body } = await this.#pool.request({ method: "POST", path, body: webhook() });
    await body.dump();
    this.#answeredMs.push(performance.timeOrigin + performance.now() - sentAt);
    if (statusCode !== 200) throw new Error(`${this.#lab.main} answered ${statusCode}`);
    this.#sentAt.push(sentAt);
    // A question to the robots at once would delay the message that is on its way.
    await delay(settleMs);
    await untilDelivered(this.#lab, this.#sentAt.length);
    await delay(settleMs);
  }

  /** Of the last samples. */
  async times(samples: number): Promise<{ readonly p50Ms: number; readonly p90Ms: number; readonly answerMs: number }> {
    const arrivedAt = await ask(this.#lab.robots, "instants");
    const took = arrivedAt.map((at, n) => at - (this.#sentAt[n] ?? Number.NaN)).slice(-samples);
    const answerMs = quantile(this.#answeredMs.slice(-samples), 0.5);
    return { p50Ms: quantile(took, 0.5), p90Ms: quantile(took, 0.9), answerMs };
  }

  async steps(): Promise<Steps | null> {
    const pids = [this.#child.process.pid ?? 0, ...(await this.#bench.serverPids())];
    const lines = await tracing(pids, () => inTurn([this], traced));
    return lines === null ? null : stepsOf(lines, this.#lab.postgres.port);
  }

  async stop(): Promise<void> {
    await this.#pool.close();
    await this.#child.stop();
    await this.#bench.remove();
  }
}
