// A holder that is paused in the last moment before a request leaves, for longer than its lease, while another takes over.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { Secret } from "../../../src/config/secret.ts";
import { Lane } from "../../../src/deliver/lane.ts";
import type { LaneOptions } from "../../../src/deliver/lane-options.ts";
import { LeaseLost } from "../../../src/outbox/errors.ts";
import { openSqlite } from "../../../src/outbox/sqlite/open-sqlite.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import { notification, roomy } from "../../contract/outbox/storage.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const key = new Secret("693a91f6-7aaa-4bc4-97a0-0ec2f1fa5aaa");
const leaseMs = 10_000;
const mark = "again: ";
const delivered = { kind: "answered", status: 200, body: '{"errcode":0,"errmsg":"ok"}' } as const;
const withheld = { kind: "failed", stage: "before", code: "WITHHELD" } as const;

interface Desk {
  readonly outbox: Outbox;
  readonly clock: ManualClock;
  /** What the robot was sent. */
  readonly arrived: string[];
  /** A lane of its own owner; `onTheWay` happens when its connection stands and the request is about to leave. */
  laneOf(owner: string, onTheWay?: () => Promise<void>): Lane;
}

async function openDesk(t: TestContext): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-lease-"));
  const clock = new ManualClock();
  const outbox = await openSqlite(join(folder, "outbox.db"), { now: () => clock.now() });
  t.after(async () => {
    await outbox.close();
    rmSync(folder, { recursive: true });
  });
  const arrived: string[] = [];
  const laneOf = (owner: string, onTheWay = async () => {}) =>
    new Lane({ ...plain({ outbox, clock }), owner, send: sendTo(arrived, onTheWay) });
  await outbox.accept([notification({ bot: "ops" })], { ...roomy, acceptedAt: clock.now() });
  return { outbox, clock, arrived, laneOf };
}

function sendTo(arrived: string[], onTheWay: () => Promise<void>): LaneOptions["send"] {
  return async (_key, body, mayLeave) => {
    await onTheWay();
    if (!mayLeave()) return withheld;
    arrived.push(body);
    return delivered;
  };
}

function plain({ outbox, clock }: Pick<Desk, "outbox" | "clock">): Omit<LaneOptions, "owner" | "send"> {
  return {
    ...{
      bot: "ops",
      keys: [key],
      fallback: null,
      reserve: 0,
      digestMessages: 3,
      maxAgeMs: 86_400_000,
      deliveryMaxBytes: 1e9,
      leaseMs,
    },
    ...{ outbox, clock, random: () => 0.5, report: () => {} },
    render: async () => ({
      ...{ mode: "full", kind: "group", alerts: 1 },
      drafts: [{ body: "it burns", kind: "markdown", media: null, picture: null }],
      ...{ shortenedValues: 0, templateFailures: [] },
    }),
    complete: async (drafts) => ({ parts: drafts.map(({ body, media }) => ({ body, media })), missing: [] }),
    repair: () => null,
    markPossiblyRepeated: (body) => mark + body,
    withMediaId: (body) => body,
    upload: async () => withheld,
  };
}

async function workOff(lane: Lane): Promise<void> {
  while ((await lane.step()) === null);
}

describe("a holder paused for longer than its lease, with a request about to leave", () => {
  it("does not send it when its successor has told the message", async (t) => {
    const { clock, arrived, laneOf } = await openDesk(t);
    const successor = laneOf("successor");
    const paused = laneOf("paused", async () => {
      await clock.advance(leaseMs + 1);
      await workOff(successor);
    });

    await assert.rejects(workOff(paused), LeaseLost);

    assert.deepEqual(arrived, [`${mark}it burns`]);
  });

  it("tells it without a mark when nobody took over: it never left", async (t) => {
    const { clock, arrived, laneOf } = await openDesk(t);
    let pauses = 1;
    const lane = laneOf("paused", async () => {
      if (pauses > 0) await clock.advance(leaseMs + 1);
      pauses -= 1;
    });

    await assert.rejects(workOff(lane), LeaseLost);
    lane.forgetLease();
    await workOff(lane);

    assert.deepEqual(arrived, ["it burns"]);
  });
});
