// Builders for what the planner and the worker read from an outbox. A test sets only the fields that matter to it.

import type { Alert, AlertGroup } from "../../src/domain/alert.ts";
import type { RoutedGroup } from "../../src/domain/notification.ts";
import type { AttemptTimes, KeyState, LaneWork, QueuedHead, StoredMessage } from "../../src/outbox/lane.ts";
import { completeAlert, completeGroup } from "./alerts.ts";
import { plainLook } from "./look.ts";

export const noon = Date.UTC(2026, 10, 22, 4);

export function pendingHead(head: Partial<QueuedHead> = {}): QueuedHead {
  return { id: 1, groupId: "g1", urgent: false, acceptedAt: noon, readyAt: noon, alerts: 1, ...head };
}

export function waitingMessage(message: Partial<StoredMessage> = {}): StoredMessage {
  return {
    id: 1,
    deliveryId: 1,
    urgent: false,
    state: "ready",
    part: 1,
    body: '{"msgtype":"markdown","markdown":{"content":"x"}}',
    tries: 0,
    repairs: 0,
    inDoubt: false,
    notBeforeAt: 0,
    lastReason: null,
    keyId: null,
    mediaHash: null,
    plannedAt: noon,
    acceptedAt: noon,
    retractable: true,
    ...message,
  };
}

export function keyState(state: Partial<KeyState> = {}): KeyState {
  return { keyId: "k1", holdUntilAt: 0, offReason: null, probeAt: 0, failures: 0, sentAt: 0, ...state };
}

export function answeredAttempts(count: number, answeredAt: number, keyId = "k1"): readonly AttemptTimes[] {
  return Array.from({ length: count }, () => ({ keyId, startedAt: answeredAt - 10, answeredAt }));
}

export function laneWork(work: Partial<LaneWork> = {}): LaneWork {
  const empty = { pending: [], messages: [], attempts: [], keys: [], mediaIds: [] };
  return { ...empty, busyGroups: new Set(), lastNormalAt: 0, lastUrgentAt: 0, ...work };
}

export function alertOf(alert: Partial<Alert> = {}): Alert {
  const startsAt = noon - 60_000;
  return completeAlert({ startsAt, startsAtText: new Date(startsAt).toISOString(), ...alert });
}

export function routedGroup(alerts: readonly Alert[], group: Partial<AlertGroup> = {}): RoutedGroup {
  return {
    destination: {
      bot: "ops",
      messages: ["markdown"],
      template: "default",
      urgent: false,
      mention: { users: [], mobiles: [], all: false, on: ["firing"], repeats: false },
      ...plainLook,
    },
    routes: ["route"],
    group: completeGroup(alerts, group),
    grouping: "as_sent",
    mergeWaitMs: 0,
    notice: "",
  };
}
