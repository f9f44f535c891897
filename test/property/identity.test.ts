// Nobody can silence an alert by posting another one: two alerts whose labels differ are both delivered, whatever else of them is equal.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import fc from "fast-check";
import { mergeGroups, renderRequest } from "../../src/deliver/renderer.ts";
import { type AlertmanagerAddresses, alertmanagersByURL } from "../../src/domain/alertmanager-of.ts";
import { identityHash } from "../../src/domain/instance.ts";
import { type Grouping, groupings } from "../../src/domain/notification.ts";
import { createIntake } from "../../src/intake.ts";
import type { HeldLane } from "../../src/outbox/lane.ts";
import { outboxOn } from "../../src/outbox/sqlite/open-sqlite.ts";
import { noTemplates } from "../../src/render/template/template-set.ts";
import { answerFirst, groupsOf, laneOf, lookAt, noNews, roomy } from "../contract/outbox/storage.ts";
import { settings } from "../stages/render/deliveries.ts";
import { treeOf } from "../stages/route/samples.ts";
import { noon } from "../support/waiting.ts";

type Labels = Readonly<Record<string, string>>;

const long = "x".repeat(40_000);

const alert = fc.record({
  labels: fc.dictionary(fc.constantFrom("a", "b", "__proto__"), fc.constantFrom("1", "2", `${long}1`, `${long}2`), {
    maxKeys: 2,
    noNullPrototype: true,
  }),
  status: fc.constantFrom("firing", "resolved"),
  fingerprint: fc.constantFrom("", "f"),
  startsAt: fc.constantFrom(new Date(noon).toISOString(), "0001-01-01T00:00:00Z"),
});

const webhook = fc.record({
  alerts: fc.array(alert, { minLength: 1, maxLength: 3 }),
  groupKey: fc.constantFrom("{}:{}", ""),
  receiver: fc.constant("ops"),
  externalURL: fc.constantFrom("http://a:9093", "http://b:9093"),
  /** Whether all that waits is delivered before the next one. */
  delivered: fc.boolean(),
});

interface Webhook {
  readonly alerts: readonly { readonly labels: Labels }[];
  readonly externalURL: string;
  readonly delivered: boolean;
}

/** The entries of `alertmanagers`: none, one that both senders share, one for each, or one for only one of them. */
const entries = fc.constantFrom<Readonly<Record<string, readonly string[]>>>(
  {},
  { both: ["http://a:9093", "http://b:9093/"] },
  { a: ["http://a:9093"], b: ["http://b:9093"] },
  { b: ["http://b:9093"] },
);

/** The same for equal labels, unless they come from different entries. */
function namesFor(alertmanagers: AlertmanagerAddresses) {
  const entryOf = alertmanagersByURL(alertmanagers);
  return (labels: Labels, externalURL: string) => {
    const pairs = Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1));
    return identityHash([pairs, alertmanagers.size > 1 ? entryOf(externalURL) : null]);
  };
}

function intakeFor(group: Grouping, alertmanagers: AlertmanagerAddresses) {
  const route = treeOf({ bots: ["ops"], group });
  const intake = createIntake({ route, bots: new Map([["ops", null]]), timezone: "UTC", alertmanagers });
  const nameOf = namesFor(alertmanagers);
  return ({ alerts, ...webhook }: Webhook) => {
    const named = alerts.map((one) => ({ ...one, annotations: { name: nameOf(one.labels, webhook.externalURL) } }));
    const bytes = Buffer.from(JSON.stringify({ ...webhook, alerts: named }));
    const result = intake({ bytes, charset: null }, { kind: "route" }, noon);
    return result.kind === "notifications" ? result.notifications : assert.fail(result.message);
  };
}

/** Delivers what waits, and returns the names of the alerts that are shown. */
async function deliverAll(lane: HeldLane): Promise<readonly string[]> {
  const { pending } = lookAt(lane);
  if (pending.length === 0) return [];
  const queued = await groupsOf(
    lane,
    pending.map(({ id }) => id),
  );
  const groupOf = new Map(pending.map(({ id, groupId }) => [id, groupId]));
  const groups = [...Map.groupBy(queued, ({ id }) => groupOf.get(id)).values()];
  const at = { plannedAt: noon + 60_000, wallAt: noon + 60_000, recoveries: new Map() };
  const request = {
    bot: "ops",
    late: false,
    urgent: false,
    mostInFull: 0,
    groups,
    acknowledgements: [],
    delivered: lane.delivered(),
    ...at,
  };
  const { suppressed, states, parts } = renderRequest(request, noTemplates, settings);
  const shown = mergeGroups(request).filter((_, n) => groups[n]?.every(({ id }) => !suppressed.includes(id)));
  const names = shown.flatMap(({ routed }) => routed.group.alerts.map(({ annotations }) => annotations.name ?? ""));
  const notificationIds = queued.map(({ id }) => id).filter((id) => !suppressed.includes(id));
  const bodies = parts.slice(0, 1).map(() => ({ body: "body", media: null }));
  const beside = { mode: "digest", urgent: false, alerts: 1, plannedAt: at.plannedAt } as const;
  const { notes, linkedId } = noNews;
  await lane.plan({ ...beside, suppressedIds: suppressed, states, notes, linkedId, notificationIds, parts: bodies });
  if (notificationIds.length > 0) await answerFirst(lane, { kind: "sent" });
  return names;
}

for (const grouping of groupings) {
  test(`alerts whose labels differ are all delivered, whatever is equal or forged: ${grouping}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(webhook, { minLength: 1, maxLength: 4 }), entries, async (webhooks, configured) => {
        const alertmanagers = new Map(
          Object.entries(configured).map(([name, externalURLs]) => [name, { externalURLs }]),
        );
        const read = intakeFor(grouping, alertmanagers);
        const outbox = await outboxOn(new DatabaseSync(":memory:"));
        const lane = await laneOf(outbox);
        const delivered: string[] = [];
        for (const one of webhooks) {
          await outbox.accept(read(one), { ...roomy, acceptedAt: noon });
          if (one.delivered) delivered.push(...(await deliverAll(lane)));
        }
        delivered.push(...(await deliverAll(lane)));
        await outbox.close();

        const nameOf = namesFor(alertmanagers);
        const sent = new Set(
          webhooks.flatMap(({ alerts, externalURL }) => alerts.map(({ labels }) => nameOf(labels, externalURL))),
        );
        assert.deepEqual([...new Set(delivered)].sort(), [...sent].sort());
      }),
    );
  });
}
