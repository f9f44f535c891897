// The pages of what became of alerts: deliveries, and those that WeCom refused.

import type { ConsoleSection } from "./console/console.ts";
import { deliveriesPage, deliveryPage, queryOf, searchFromForm } from "./console/deliveries.ts";
import { fieldOf, fieldsOf, fullPage } from "./console/page.ts";
import { mostRefused, refusedDeliveryPage, refusedPage } from "./console/refused.ts";
import { type TimesOptions, timesIn } from "./console/times.ts";
import { previewRequest } from "./console-preview.ts";
import type { RenderPlanned } from "./deliver/renderer.ts";
import type { HistoryEntry, HistoryPage, HistoryQuery } from "./domain/history.ts";
import type { RoutedGroup } from "./domain/notification.ts";
import type { Outbox } from "./outbox/store.ts";
import { acceptAsked } from "./own-notifications.ts";
import { senderOf } from "./receive/sender.ts";
import { identify } from "./route/identity.ts";
import type { ServiceSetup, SharedParts } from "./service-parts.ts";

export function deliveriesSection(
  { config }: ServiceSetup,
  { outbox, clock, log }: SharedParts,
  render: RenderPlanned,
): ConsoleSection {
  const instant = (): TimesOptions => ({ timezone: config.timezone, now: clock.wall(), outboxNow: outbox.now() });
  return {
    name: (strings) => strings.deliveries,
    adminOnly: false,
    count: null,
    pages: {
      "/deliveries": async (visit, { query }) => {
        const search = searchFromForm(query);
        const now = instant();
        const asked = queryOf(search, now);
        const page = await pageWithEntries(outbox, asked);
        const senders = page.entries.length === 0 ? await outbox.senders() : [];
        const bots = [...config.bots.keys()];
        const { people } = config;
        return deliveriesPage(visit, { search, query: asked, page, senders, bots, times: timesIn(now), people });
      },
      "/deliveries/:id": async (visit, { params, query }) => {
        const id = Number(params.id);
        const entries = await entriesOfDelivery(outbox, id);
        if (entries.length === 0) return null;
        const request = previewRequest(groupsIn(entries), { outboxNow: outbox.now(), wallAt: clock.wall() });
        const rendered = await render(request).catch(() => null);
        const { people } = config;
        return deliveryPage(visit, {
          id,
          entries,
          rendered,
          times: timesIn(instant()),
          people,
          isQueuedAgain: "again" in query,
        });
      },
    },
    actions: {
      "/deliveries/:id/again": async (visit, req) => {
        const id = Number(req.params.id);
        const groups = groupsIn(await entriesOfDelivery(outbox, id));
        if (groups.length === 0) return null;
        // Under `per_alert` an unchanged alert is not sent. With `as_sent` it is sent, as a reminder.
        const reminders = groups.map((group) => identify({ ...group, grouping: "as_sent", mergeWaitMs: 0 }));
        if (!(await acceptAsked(reminders, { config, outbox, sender: senderOf(req) }))) return fullPage(visit);
        log.info({ delivery: id }, "operator sent a delivery again");
        return `/deliveries/${id}?again`;
      },
    },
  };
}

/** A page of the history may be empty although others follow: a search reads a slice of it at a time. */
async function pageWithEntries(outbox: Outbox, query: HistoryQuery): Promise<HistoryPage> {
  const page = await outbox.history(query);
  return page.entries.length > 0 || page.next === null ? page : pageWithEntries(outbox, { ...query, after: page.next });
}

const entriesShown = 200;

/** All that was in this delivery. */
export async function entriesOfDelivery(outbox: Outbox, deliveryId: number): Promise<readonly HistoryEntry[]> {
  if (!Number.isSafeInteger(deliveryId)) return [];
  const any = { text: "", bot: null, outcome: null, after: null };
  const span = { fromAt: 0, untilAt: outbox.now() + 1 };
  const { entries } = await pageWithEntries(outbox, { ...any, ...span, deliveryId, maxEntries: entriesShown });
  return entries;
}

function groupsIn(entries: readonly HistoryEntry[]): readonly RoutedGroup[] {
  return [...new Map(entries.map(({ routed }) => [JSON.stringify(routed), routed])).values()];
}

export function refusedSection({ config }: ServiceSetup, { outbox, clock, log }: SharedParts): ConsoleSection {
  const times = () => timesIn({ timezone: config.timezone, now: clock.wall(), outboxNow: outbox.now() });
  return {
    name: (strings) => strings.refused,
    adminOnly: false,
    count: async () => [...(await outbox.countDead()).values()].reduce((sum, one) => sum + one, 0),
    pages: {
      "/refused": async (visit, { query }) => {
        const act = (["replayed", "dropped"] as const).find((name) => name in query);
        const done = act === undefined ? null : { act, count: Number(query[act]) };
        const deliveries = await outbox.dead({ maxDeliveries: mostRefused });
        return refusedPage(visit, { deliveries, times: times(), done });
      },
      "/refused/:id": async (visit, { params }) => {
        const deliveries = await outbox.dead({ maxDeliveries: 1_000 });
        const delivery = deliveries.find(({ id }) => String(id) === params.id);
        return delivery === undefined ? null : refusedDeliveryPage(visit, { delivery, times: times() });
      },
    },
    actions: {
      "/refused": async (_visit, { body }) => {
        const ids = fieldsOf(body, "id").map(Number).filter(Number.isSafeInteger);
        if (fieldOf(body, "act") === "drop") {
          const dropped = await outbox.drop(ids);
          log.info({ ids: dropped }, "operator dropped dead deliveries");
          return `/refused?dropped=${dropped.length}`;
        }
        const replayed = await outbox.replay(ids);
        log.info({ ids: replayed }, "operator replayed dead deliveries");
        return `/refused?replayed=${replayed.length}`;
      },
    },
  };
}
