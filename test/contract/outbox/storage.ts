// One storage of an engine, which can be closed and opened again, and short functions to fill it.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type Alert, commonPairs } from "../../../src/domain/alert.ts";
import type { HistoryEntry, HistoryQuery } from "../../../src/domain/history.ts";
import { identityHash } from "../../../src/domain/instance.ts";
import type { Media } from "../../../src/domain/media.ts";
import type { Notification } from "../../../src/domain/notification.ts";
import type {
  HeldLane,
  HoldQuery,
  LaneWork,
  MessageOutcome,
  QueuedGroup,
  SendWindow,
  StoredMessage,
} from "../../../src/outbox/lane.ts";
import type { AcceptOptions, Outbox } from "../../../src/outbox/store.ts";
import { completeAlert, completeGroup } from "../../support/alerts.ts";
import { plainLook } from "../../support/look.ts";

/** One place of an engine, empty at first. */
export interface Storage {
  /** Opens what is there. The outbox opened before was closed. */
  open(): Promise<Outbox>;
  remove(): Promise<void>;
}

export type CreateStorage = () => Promise<Storage>;

export interface Desk {
  readonly outbox: Outbox;
  /** As a crash leaves it: closed with nothing settled, then opened again. */
  reopen(): Promise<Outbox>;
}

export async function openDesk(t: TestContext, create: CreateStorage): Promise<Desk> {
  const storage = await create();
  let outbox = await storage.open();
  t.after(async () => {
    await outbox.close();
    await storage.remove();
  });
  return {
    outbox,
    async reopen() {
      await outbox.close();
      outbox = await storage.open();
      return outbox;
    },
  };
}

export interface DeadRequest {
  readonly mergeWaitMs?: number;
  readonly bot?: string;
  readonly group?: string;
  readonly dedup?: string;
  readonly urgent?: boolean;
  readonly alerts?: number;
  /** A label value. */
  readonly text?: string;
  readonly externalURL?: string;
}

let made = 0;

/** A notification unlike any other, but for what is wished. */
export function notification(wish: DeadRequest = {}): Notification {
  made += 1;
  const alerts = Array.from({ length: wish.alerts ?? 1 }, (_, n) => alert(`${wish.text ?? "x"} ${n}`));
  return {
    groupId: wish.group ?? `group ${made}`,
    dedupKey: wish.dedup ?? `dedup ${made}`,
    routed: {
      destination: {
        bot: wish.bot ?? "ops",
        messages: ["markdown"],
        template: "default",
        urgent: wish.urgent ?? false,
        mention: { users: [], mobiles: [], all: false, on: [], repeats: false },
        ...plainLook,
      },
      routes: ["route"],
      group: completeGroup(alerts, {
        receiver: "web.hook",
        commonLabels: commonPairs(alerts.map(({ labels }) => labels)),
        externalURL: wish.externalURL ?? null,
        groupKey: `{}:{number="${made}"}`,
      }),
      grouping: "as_sent",
      mergeWaitMs: wish.mergeWaitMs ?? 0,
      notice: "",
    },
  };
}

function alert(text: string): Alert {
  const labels = { alertname: "磁盘满", text };
  return completeAlert({ labels, fingerprint: "0123456789abcdef", identity: identityHash(text) });
}

export const roomy: AcceptOptions = {
  acceptedAt: 1_000,
  dedupWindowMs: 60_000,
  maxNotifications: 1e6,
  maxBytes: 1e9,
  severalBots: false,
  signature: null,
  sender: { address: "10.0.0.5", userAgent: "Alertmanager/0.27.0" },
  unsent: [],
};

export const sendWindow: SendWindow = { slots: 20, spanMs: 60_000, longestRequestMs: 600_000 };

/** An instant after every window of the tests that begin at 0. */
export const muchLater = 10_000_000;

/** A second lane of the same bot makes the first one lost, with its first write. */
export async function laneOf(outbox: Outbox, bot = "ops", query: Partial<HoldQuery> = {}): Promise<HeldLane> {
  const { keyIds = ["key"], window = sendWindow, now = 0 } = query;
  const lane = await outbox.hold(bot, { keyIds, window, now });
  assert.ok(lane !== null);
  return lane;
}

export function lookAt(lane: HeldLane): LaneWork {
  return lane.work(0, 10_000);
}

/** However large they are. */
export function groupsOf(lane: HeldLane, ids: readonly number[]): Promise<readonly QueuedGroup[]> {
  return lane.groups({ ids, maxBytes: Number.POSITIVE_INFINITY });
}

/** The first message in sending order. */
export function firstMessage(lane: HeldLane): StoredMessage {
  const [first] = lookAt(lane).messages;
  assert.ok(first !== undefined);
  return first;
}

/** For a delivery that suppresses nothing, tells of no alert and has no links and no notes. */
export const noNews = {
  suppressedIds: [],
  linkedId: null,
  states: "[]",
  notes: { mentions: { mentioned: [], notFound: [] }, templateFailures: [], flags: [] },
};

export const everything: HistoryQuery = {
  fromAt: 0,
  untilAt: 1e15,
  text: "",
  bot: null,
  outcome: null,
  deliveryId: null,
  after: null,
  maxEntries: 10_000,
};

export async function historyOf(outbox: Outbox, query: Partial<HistoryQuery> = {}): Promise<readonly HistoryEntry[]> {
  return (await outbox.history({ ...everything, ...query })).entries;
}

/** Without what waits. */
export async function endedOf(outbox: Outbox, query: Partial<HistoryQuery> = {}): Promise<readonly HistoryEntry[]> {
  return (await historyOf(outbox, query)).filter(({ outcome }) => outcome !== "waiting");
}

/** Plans everything that waits in the lane as one delivery. */
export async function planAll(
  lane: HeldLane,
  bodies: readonly string[] = ["body"],
  media: Media | null = null,
): Promise<void> {
  const { pending } = lookAt(lane);
  await lane.plan({
    ...noNews,
    mode: "full",
    urgent: pending.some(({ urgent }) => urgent),
    notificationIds: pending.map(({ id }) => id),
    alerts: pending.reduce((sum, { alerts }) => sum + alerts, 0),
    parts: bodies.map((body) => ({ body, media })),
    plannedAt: 2_000,
  });
}

/** A lane with one delivery of one notification, planned into these bodies. */
export async function planned(outbox: Outbox, bodies: readonly string[] = ["body"]): Promise<HeldLane> {
  await outbox.accept([notification()], roomy);
  const lane = await laneOf(outbox);
  await planAll(lane, bodies);
  return lane;
}

/** Begins the first message of the lane. */
export async function beginFirst(lane: HeldLane, startedAt = 3_000, keyId = "key") {
  const { id: messageId } = firstMessage(lane);
  const attemptId = await lane.begin({ messageId, keyId, startedAt, upload: false });
  return { attemptId, messageId, answeredAt: startedAt + 100, errcode: null, key: null };
}

export async function answerFirst(lane: HeldLane, outcome: MessageOutcome, startedAt = 3_000) {
  return lane.settle({ ...(await beginFirst(lane, startedAt)), outcome });
}

/** The lane is on disk as it is in memory. Not while one of its messages is being sent: reading it again finds that in doubt. */
export async function assertStored(outbox: Outbox, lane: HeldLane): Promise<void> {
  const inMemory = lookAt(lane);
  assert.ok(inMemory.messages.every(({ state }) => state === "ready"));
  assert.deepEqual(lookAt(await laneOf(outbox, lane.bot)), inMemory);
}
