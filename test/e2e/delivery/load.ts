// Webhooks at a steady pace, in turn to each bot and each replica, until the test has seen enough.

import assert from "node:assert/strict";
import { hash } from "node:crypto";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { postUntilTaken, webhookOf } from "../../support/posting.ts";

/** Of an alert: in a label, and so in the message to the group. In JSON, the "n" of an escaped line break may stand before it. */
export const idPattern = /w\d+x\b/gu;

/** Then the pace is slower: on a slow machine too, what is accepted fits into the windows of the bots. */
const fastWebhooks = 300;
const slowMs = 500;

/** Several groups for each bot, so that single groups, merged groups and digests occur. */
const groupsOfBot = 8;

export interface LoadOptions {
  readonly bots: readonly string[];
  /** Asked before each try. */
  readonly origins: () => readonly string[];
  /** For the first ones, then slower. */
  readonly everyMs: number;
}

export interface Load {
  /** Alerts of webhooks answered 2xx. */
  readonly acknowledged: ReadonlySet<string>;
  /** Tries that were not answered 2xx. */
  refused(): number;
  /** No more alerts; resolves with all of them when every webhook is answered 2xx. */
  stop(): Promise<ReadonlySet<string>>;
}

export function alertFor(bot: string, id: string, group: string = id): string {
  return webhookOf([{ labels: { alertname: "Load", group, instance: id } }], { alertname: "Load", bot, group });
}

/**
 * A group with so much text of its own in each alert that it is delivered in as many parts as it has alerts, one each. The head of every
 * part names an instance of the group, so the ids are in the texts only.
 */
export function partsFor(bot: string, ids: readonly string[]): string {
  const group = `of-${ids[0]?.slice(1, -1)}`;
  const firing = ids.map((id) => ({
    labels: { alertname: "Parts", group, instance: id.replace("w", "host-") },
    annotations: {
      description: `机器 ${id}：${Array.from({ length: 60 }, (_, n) => `没有心跳，请检查 ${ownWord(id, n)} 的网络`).join("，")}`,
    },
  }));
  return webhookOf(firing, { alertname: "Parts", bot, group });
}

/** Else the alerts would share their text, and it would be said once. */
function ownWord(id: string, n: number): string {
  return hash("sha256", `${id} ${n}`, "hex").slice(0, 8);
}

/** Ids that the load does not use. */
export function partIds(delivery: number, parts: number): readonly string[] {
  return Array.from(
    { length: parts },
    (_, n) => `w9${String(delivery).padStart(3, "0")}${String(n).padStart(3, "0")}x`,
  );
}

/** A bot that gets more messages than its window has room for: what is beyond that still waits when the test ends. */
export const crowded = "crowded";
export const partsOfCrowd = 12;

/** Two of them need more than a window. */
export async function crowd(origin: () => string, nth: number): Promise<void> {
  await postUntilTaken(() => `${origin()}/webhook/bot/${crowded}`, partsFor(crowded, partIds(nth, partsOfCrowd)));
}

export function startLoad(t: TestContext, { bots, origins, everyMs }: LoadOptions): Load {
  const acknowledged = new Set<string>();
  const stopped = new AbortController();
  const open: Promise<void>[] = [];
  let refused = 0;
  let testRuns = true;
  t.after(() => {
    testRuns = false;
    stopped.abort();
  });
  const post = async (n: number) => {
    const bot = bots[n % bots.length] ?? "";
    const id = `w${n}x`;
    const group = String(Math.floor(n / bots.length) % groupsOfBot);
    let turn = n;
    const url = () => {
      const all = origins();
      return `${all[turn++ % all.length]}/webhook/bot/${bot}`;
    };
    await postUntilTaken(url, alertFor(bot, id, group), () => {
      assert.ok(testRuns, "the test ended before its webhooks were accepted");
      refused += 1;
    });
    acknowledged.add(id);
  };
  const posting = async () => {
    for (let n = 0; !stopped.signal.aborted; n++) {
      open.push(post(n));
      await delay(n < fastWebhooks ? everyMs : slowMs, undefined, { signal: stopped.signal }).catch(() => {});
    }
    await Promise.all(open);
  };
  const done = posting();
  // Fails where it is awaited, if it is.
  done.catch(() => {});
  return {
    acknowledged,
    refused: () => refused,
    async stop() {
      stopped.abort();
      await done;
      return acknowledged;
    },
  };
}
