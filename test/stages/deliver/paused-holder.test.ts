// A holder is paused just before a request leaves, for so long that another process may take the lane over.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { Secret } from "../../../src/config/secret.ts";
import { FilledPartLimit } from "../../../src/deliver/filled-part-limit.ts";
import { Lane } from "../../../src/deliver/lane.ts";
import type { LaneOptions, RobotAccess } from "../../../src/deliver/lane-options.ts";
import { openSqlite } from "../../../src/outbox/sqlite/open-sqlite.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import { plainDraft } from "../../../src/render/message-draft.ts";
import { notification, roomy } from "../../contract/outbox/storage.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const key = new Secret("693a91f6-7aaa-4bc4-97a0-0ec2f1fa5aaa");
const content = "it burns";
const body = JSON.stringify({ msgtype: "markdown", markdown: { content } });
const markedBody = JSON.stringify({ msgtype: "markdown", markdown: { content: `again: ${content}` } });
const delivered = { kind: "answered", status: 200, body: '{"errcode":0,"errmsg":"ok"}' } as const;
const withheld = { kind: "failed", stage: "before", code: "WITHHELD" } as const;

interface Setting {
  /** Bodies that the robot received. */
  readonly arrived: string[];
  readonly successor: Lane;
  /** A lane that is paused once, when its request is about to leave; `meanwhile` runs then, and a heartbeat if the lease is renewed. */
  pausedLane(meanwhile: () => Promise<void>, options?: { readonly isRenewed: boolean }): Lane;
}

async function openSetting(t: TestContext): Promise<Setting> {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-lease-"));
  const clock = new ManualClock();
  const outbox = await openSqlite(join(folder, "outbox.db"), { now: () => clock.now() });
  t.after(async () => {
    await outbox.close();
    rmSync(folder, { recursive: true });
  });
  const arrived: string[] = [];
  await outbox.accept([notification({ bot: "ops" })], { ...roomy, acceptedAt: clock.now() });
  const laneOn = (own: Outbox, beforeLeaving: () => Promise<void>) =>
    new Lane(optionsOf({ outbox: own, clock, send: sendTo(arrived, beforeLeaving) }), () => undefined);
  return {
    arrived,
    successor: laneOn(outbox, async () => {}),
    pausedLane(meanwhile, { isRenewed } = { isRenewed: false }) {
      let term: number | null = 1;
      let pauses = 1;
      return laneOn(
        whoseLease(outbox, () => term),
        async () => {
          if (pauses === 0) return;
          pauses -= 1;
          term = null;
          await meanwhile();
          if (isRenewed) term = 2;
          else setImmediate(() => (term = 2));
        },
      );
    },
  };
}

function whoseLease(outbox: Outbox, term: Outbox["term"]): Outbox {
  return new Proxy(outbox, {
    get(_, name) {
      if (name === "term") return term;
      const member: unknown = Reflect.get(outbox, name, outbox);
      return typeof member === "function" ? member.bind(outbox) : member;
    },
  });
}

function sendTo(arrived: string[], beforeLeaving: () => Promise<void>): RobotAccess["send"] {
  return async (_key, text, { mayLeave }) => {
    await beforeLeaving();
    if (!mayLeave()) return withheld;
    arrived.push(text);
    return delivered;
  };
}

interface OptionParts {
  readonly outbox: Outbox;
  readonly clock: ManualClock;
  readonly send: RobotAccess["send"];
}

function optionsOf({ outbox, clock, send }: OptionParts): LaneOptions {
  return {
    settings: {
      bot: "ops",
      keys: [key],
      fallback: null,
      reserve: 0,
      digestMessages: 3,
      maxAgeMs: 86_400_000,
      optionalMaxDelayMs: 30_000,
      hasLinks: false,
    },
    process: {
      outbox,
      clock,
      random: () => 0.5,
      deliveryMaxBytes: 1e9,
      filledParts: new FilledPartLimit(),
      report: () => {},
    },
    bodies: {
      render: async () => ({
        mode: "full",
        alerts: 1,
        parts: [plainDraft({ msgtype: "markdown", markdown: { content } })],
        mentioned: [],
        unmentionable: [],
        shortenedValues: 0,
        templateFailures: [],
        states: "[]",
        suppressed: [],
        names: "",
      }),
      recoveriesOf: null,
      fill: () => Promise.reject(new Error("nothing is optional")),
      repair: () => null,
      markPossiblyRepeated: (stored) => (stored === body ? markedBody : stored),
      withMediaId: (stored) => stored,
    },
    robot: { send, upload: async () => withheld },
  };
}

async function workOff(lane: Lane): Promise<void> {
  while ((await lane.step()) === null);
}

describe("a holder paused until others may take over, with a request about to leave", () => {
  it("does not send it when its successor has sent the message", async (t) => {
    const { arrived, successor, pausedLane } = await openSetting(t);
    const paused = pausedLane(() => workOff(successor));

    await workOff(paused);

    assert.deepEqual(arrived, [markedBody]);
  });

  it("does not send it when a heartbeat has renewed its lease meanwhile, either", async (t) => {
    const { arrived, successor, pausedLane } = await openSetting(t);
    const paused = pausedLane(() => workOff(successor), { isRenewed: true });

    await workOff(paused);

    assert.deepEqual(arrived, [markedBody]);
  });

  it("sends it without a mark when no other process took over: it never left", async (t) => {
    const { arrived, pausedLane } = await openSetting(t);
    const lane = pausedLane(async () => {});

    await workOff(lane);

    assert.deepEqual(arrived, [body]);
  });
});
