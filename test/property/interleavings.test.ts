// For all interleavings of webhooks and deliveries, from bytes to what is read: what fires last is never shown as recovered,
// every accepted alert is in a message, and alerts that differ in a label never replace each other, whatever their
// fingerprints. Two clusters have equal rules; the peers of one say the same start.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkConfig } from "../../src/config/check.ts";
import { type RenderedRequest, renderRequest } from "../../src/deliver/renderer.ts";
import type { DeliveredState } from "../../src/domain/instance.ts";
import { createIntake } from "../../src/intake.ts";
import { messageText } from "../../src/wecom/message.ts";
import { builtIn, settings } from "../stages/render/deliveries.ts";
import { deliveredStates, statesOf } from "../support/delivered-states.ts";

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

function intakeFor(grouping: string, message: string) {
  const checked = checkConfig(
    `{ bots: { ops: { key: 00000000-0000-4000-8000-000000000000 } }, language: zh,
      route: { bot: ops, group: ${grouping}, message: ${message} } }`,
    { env: () => undefined, file: () => ({ kind: "unreadable", message: "" }) },
  );
  assert.ok(checked.kind === "config", JSON.stringify(checked));
  const intake = createIntake(checked.config);
  return (webhook: Webhook, now: number) => {
    const taken = intake({ bytes: bodyOf(webhook), charset: null }, { kind: "route" }, now);
    assert.ok(taken.kind === "notifications");
    return taken.notifications;
  };
}

/** What waits is delivered, batch after batch; `check` sees what the group reads and what was sent last of each alert. */
function deliver(
  steps: readonly (Webhook | null)[],
  { read, isDigest }: { readonly read: ReturnType<typeof intakeFor>; readonly isDigest: boolean },
  check: (parts: RenderedRequest["parts"], expected: ReadonlyMap<string, string>) => void,
): void {
  const delivered = new Map<string, DeliveredState>();
  let now = startedAt + 5 * 3_600_000;
  for (const waiting of batchesOf(steps)) {
    now += 60_000;
    const notifications = waiting.flatMap((webhook) => read(webhook, now));
    const groups = [...Map.groupBy(notifications, ({ groupId }) => groupId).values()].map((group) =>
      group.map(({ routed }, id) => ({ id, acceptedAt: now, body: JSON.stringify(routed) })),
    );
    const parts = (isDigest ? [groups] : groups.map((group) => [group])).flatMap((together) => {
      const delivery = {
        bot: "ops",
        late: false,
        urgent: false,
        mostInFull: isDigest ? 0 : 9,
        groups: together,
        acknowledgements: [],
      };
      const at = { plannedAt: now, wallAt: now };
      const times = { delivered: deliveredStates([...delivered.values()]), ...at, recoveries: new Map() };
      const rendered = renderRequest({ ...delivery, ...times }, builtIn, { ...settings, language: "zh" });
      for (const state of statesOf(rendered)) delivered.set(`${state.identity} ${state.origin}`, state);
      return rendered.parts;
    });
    const sent = waiting.flatMap(({ peer, alerts }) => alerts.map((one) => shownAs(peer, one)));
    check(parts, new Map(sent.map(({ alert, state }) => [alert, state])));
  }
}

for (const grouping of ["as_sent", "merge", "per_alert"] as const) {
  test(`an alert is itself and no other, ${grouping}`, () => {
    const read = intakeFor(grouping, "file");

    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), (steps) => {
        const known = new Map<string, string>();
        deliver(steps, { read, isDigest: false }, (parts, expected) => {
          const shown = new Map(
            parts.flatMap(({ media }) => [...rowsOf(Buffer.from(media?.content ?? []).toString())]),
          );
          for (const [alert, state] of expected) {
            const isNeedless = grouping === "per_alert" && !shown.has(alert) && known.get(alert) === state;
            assert.equal(isNeedless ? state : shown.get(alert), state, alert);
            known.set(alert, state);
          }
          assert.deepEqual(
            [...shown.keys()].filter((alert) => !expected.has(alert)),
            [],
          );
        });
      }),
      { numRuns },
    );
  });
}

test("a digest counts every alert once, in its last state", () => {
  const read = intakeFor("as_sent", "markdown");
  const count = (text: string, word: string) => Number(new RegExp(`${word} (\\d+) 条`, "u").exec(text)?.[1] ?? 0);

  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), (steps) => {
      deliver(steps, { read, isDigest: true }, ([part], expected) => {
        const [headline = ""] = part === undefined ? [] : messageText(part.message).split("\n");
        const states = [...expected.values()];
        const firing = states.filter((state) => state === "告警中").length;

        assert.deepEqual([count(headline, "告警"), count(headline, "已恢复")], [firing, states.length - firing]);
      });
    }),
    { numRuns },
  );
});

/** What waits together at each delivery; all that is left is delivered at the end. */
function batchesOf(steps: readonly (Webhook | null)[]): readonly (readonly Webhook[])[] {
  const batches: Webhook[][] = [[]];
  for (const one of steps) {
    if (one === null) batches.push([]);
    else batches.at(-1)?.push(one);
  }
  return batches.filter((batch) => batch.length > 0);
}
