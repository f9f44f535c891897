// For all interleavings of webhooks and deliveries, from bytes to what is read: what fires last is never shown as recovered,
// every accepted alert is in a message, and alerts that differ in a label never replace each other, whatever their
// fingerprints. Two clusters have equal rules; the peers of one say the same start.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkConfig } from "../../src/config/check.ts";
import { renderRequest } from "../../src/deliver/renderer.ts";
import type { DeliveredState } from "../../src/domain/instance.ts";
import { createIntake } from "../../src/intake.ts";
import { builtIn, settings } from "../stages/render/deliveries.ts";
import { deliveredStates } from "../support/delivered-states.ts";

const numRuns = Number(process.env.RUNS ?? 200);
const startedAt = Date.UTC(2026, 10, 22, 4);
const addresses = ["http://bj-0", "http://bj-1", "http://sh-0"];

/** A peer posts the states of some alerts; or the bot has a slot, and what waits is delivered. */
const step = fc.oneof(
  { arbitrary: fc.constant(null), weight: 1 },
  {
    arbitrary: fc.record({
      peer: fc.constantFrom(0, 1, 2),
      alerts: fc.uniqueArray(fc.record({ disk: fc.constantFrom("a", "b", ""), firing: fc.boolean() }), {
        selector: ({ disk }) => disk,
        minLength: 1,
      }),
    }),
    weight: 3,
  },
);

type Webhook = NonNullable<typeof step extends fc.Arbitrary<infer Step> ? Step : never>;

const clusterOf = (peer: number) => (peer === 2 ? 1 : 0);
const startOf = (peer: number) => startedAt + clusterOf(peer) * 3_600_000;
const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium" });

/** As a row of the file shows it: where, since when, and the state. */
const shownAs = (peer: number, { disk, firing }: Webhook["alerts"][number]) => ({
  alert: `disk=${disk} ${clock.format(startOf(peer))}`,
  state: firing ? "告警中" : "已恢复",
});

function bodyOf({ peer, alerts }: Webhook): Uint8Array {
  const sent = alerts.map(({ disk, firing }) => ({
    status: firing ? "firing" : "resolved",
    labels: { alertname: "DiskFull", ...(disk === "" ? {} : { disk }) },
    startsAt: new Date(startOf(peer)).toISOString(),
    ...(firing ? {} : { endsAt: new Date(startedAt + 4 * 3_600_000).toISOString() }),
    fingerprint: "the same",
  }));
  return Buffer.from(JSON.stringify({ version: "4", groupKey: "g", externalURL: addresses[peer], alerts: sent }));
}

function rowsOf(csv: string): ReadonlyMap<string, string> {
  const rows = csv
    .split("\r\n")
    .slice(1, -1)
    .map((line) => line.slice(1, -1).split('","'));
  return new Map(
    rows.map((cells) => {
      const [state = "", , , labels = "", , , , start = ""] = cells;
      return [`disk=${/disk=(\w)/.exec(labels)?.[1] ?? ""} ${start}`, state];
    }),
  );
}

for (const grouping of ["as_sent", "merge", "per_alert"] as const) {
  test(`an alert is itself and no other, ${grouping}`, () => {
    const checked = checkConfig(
      `{ bots: { ops: { key: 00000000-0000-4000-8000-000000000000 } }, language: zh,
      route: { bot: ops, group: ${grouping}, message: file } }`,
      { env: () => undefined, file: () => ({ kind: "unreadable", message: "" }) },
    );
    assert.ok(checked.kind === "config", JSON.stringify(checked));
    const intake = createIntake(checked.config);

    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), (steps) => {
        const delivered = new Map<string, DeliveredState>();
        const told = new Map<string, string>();
        let now = startedAt + 5 * 3_600_000;
        for (const waiting of batchesOf(steps)) {
          now += 60_000;
          const notifications = waiting.flatMap((webhook) => {
            const taken = intake({ bytes: bodyOf(webhook), charset: null }, { kind: "route" }, now);
            assert.ok(taken.kind === "notifications");
            return taken.notifications;
          });
          const shown = new Map<string, string>();
          for (const group of Map.groupBy(notifications, ({ groupId }) => groupId).values()) {
            const queued = group.map(({ routed }, id) => ({ id, acceptedAt: now, body: JSON.stringify(routed) }));
            const { parts, states } = renderRequest(
              {
                ...{ bot: "ops", late: false, urgent: false, mostInFull: 9, groups: [queued] },
                ...{ delivered: deliveredStates([...delivered.values()]), plannedAt: now, wallAt: now },
              },
              builtIn,
              { ...settings, language: "zh" },
            );
            for (const state of states) delivered.set(`${state.identity} ${state.origin}`, state);
            for (const { media } of parts)
              for (const row of rowsOf(Buffer.from(media?.content ?? []).toString())) shown.set(...row);
          }
          const expected = new Map(
            waiting
              .flatMap(({ peer, alerts }) => alerts.map((one) => shownAs(peer, one)))
              .map(({ alert, state }) => [alert, state]),
          );
          for (const [alert, state] of expected) {
            const isNeedless = grouping === "per_alert" && !shown.has(alert) && told.get(alert) === state;
            assert.equal(isNeedless ? state : shown.get(alert), state, alert);
            told.set(alert, state);
          }
          assert.deepEqual(
            [...shown.keys()].filter((alert) => !expected.has(alert)),
            [],
          );
        }
      }),
      { numRuns },
    );
  });
}

/** What waits together at each delivery; all that is left is delivered at the end. */
function batchesOf(steps: readonly (Webhook | null)[]): readonly (readonly Webhook[])[] {
  const batches: Webhook[][] = [[]];
  for (const one of steps) {
    if (one === null) batches.push([]);
    else batches.at(-1)?.push(one);
  }
  return batches.filter((batch) => batch.length > 0);
}
