// A day of a history with very many entries, put into the tables directly: to deliver a million notifications would take hours.

import { deflated } from "../../src/outbox/bodies.ts";
import { searchText } from "../../src/outbox/search-text.ts";
import { alertOf, routedGroup } from "../../test/support/waiting.ts";

export interface HistorySample {
  readonly n: number;
  readonly search: string;
  readonly body: Uint8Array;
}

export const dayMs = 86_400_000;

/** Different notifications, each again and again in the day, as reminders and copies are. */
const sampleCount = 20_000;

/** All but the first are common; the first is in the history once. */
export function samples(): Promise<readonly HistorySample[]> {
  return Promise.all(Array.from({ length: sampleCount }, (_, n) => sampleOf(n)));
}

async function sampleOf(n: number): Promise<HistorySample> {
  const labels = {
    alertname: n === 0 ? "HappenedOnce" : `Alert${n % 300}`,
    instance: `10.${n % 7}.${n % 251}.${n % 241}:9100`,
    namespace: `team-${n % 40}`,
    pod: `service-${n % 997}-6d5f7c9b8-${(n * 7919).toString(36)}`,
    severity: ["critical", "warning", "info"][n % 3] ?? "info",
    // Nobody of team 1 has an alert in zone b: a search for both finds two common words, and no alert.
    team: `t${n % 2}`,
    zone: n % 2 === 0 ? "zone-b" : "zone-a",
  };
  const routed = routedGroup([alertOf({ labels })]);
  const sender = { address: "10.0.0.5", userAgent: "Alertmanager/0.27.0" };
  return { n, search: searchText(routed.group), body: await deflated(JSON.stringify({ ...routed, sender })) };
}

/** SQL of both engines, over a table `samples` and a table `numbers` of 1 to `rows`. */
export function fillingStatement(history: string, rows: number, endAt: number): string {
  const at = `${endAt - dayMs} + (g * ${dayMs}.0 / ${rows})`;
  return `insert into ${history} (at, accepted_at, bot, outcome, mode, delivery_id, copy_of_at, search, body)
    select cast(${at} as bigint), cast(${at} as bigint) - 800, 'bot' || (g % 20),
      case when g % 10 = 3 then 'duplicate' when g % 5000 = 4 then 'dead' else 'delivered' end,
      case when g % 10 = 3 then null else 'full' end,
      case when g % 10 = 3 then null else g end,
      case when g % 10 = 3 then cast(${at} as bigint) - 15000 end,
      search, body
    from numbers join samples on n = case when g = ${Math.floor(rows / 2)} then 0 else 1 + g % ${sampleCount - 1} end
    order by g`;
}
