// Messages that WeCom rejected in every form: the list, where several can be sent again or dropped, and each with its bodies.

import type { DeadDelivery } from "../outbox/store.ts";
import { bubbleOf } from "./bubble.ts";
import type { Page, Visit } from "./page.ts";
import type { ConsoleStrings } from "./strings.ts";
import type { Times } from "./times.ts";

/** As many as one list shows. */
export const mostRefused = 200;

export interface RefusedList {
  readonly deliveries: readonly DeadDelivery[];
  readonly times: Times;
  /** How many were just sent again or dropped; null when nothing was done. */
  readonly done: { readonly act: "replayed" | "dropped"; readonly count: number } | null;
}

export function refusedPage({ strings }: Visit, { deliveries, times, done }: RefusedList): Page {
  return {
    view: "refused",
    title: strings.refused,
    model: {
      deliveries: deliveries.map((delivery) => ({
        ...headOf(delivery, strings, times),
        text: excerptOf(delivery),
        label: strings.choose(delivery.id),
      })),
      done: done === null ? null : strings[done.act](done.count),
      isFull: deliveries.length === mostRefused,
    },
  };
}

export interface RefusedDelivery {
  readonly delivery: DeadDelivery;
  readonly times: Times;
}

export function refusedDeliveryPage({ strings }: Visit, { delivery, times }: RefusedDelivery): Page {
  return {
    view: "refused-delivery",
    title: `${strings.refused} ${delivery.id}`,
    model: {
      ...headOf(delivery, strings, times),
      parts: delivery.parts.map(({ part, reason, body }) => ({
        title: strings.part(part),
        reason: strings.status.reasons[reason ?? "other"],
        code: reason ?? "other",
        ...bubbleOf(body),
      })),
    },
  };
}

function headOf(
  { id, bot, alerts, acceptedAt, settledAt, parts }: DeadDelivery,
  strings: ConsoleStrings,
  times: Times,
) {
  const reasons = [...new Set(parts.map(({ reason }) => reason ?? "other"))];
  return {
    id,
    bot,
    alerts: strings.alerts(alerts),
    received: times.at(acceptedAt),
    at: times.at(settledAt),
    reasons: reasons.map((reason) => `${strings.status.reasons[reason]} (${reason})`),
  };
}

const excerptMax = 120;

/** Of the first part, as the chat would show it, without its marks. */
function excerptOf({ parts }: DeadDelivery): string {
  const { html, text } = bubbleOf(parts[0]?.body ?? "{}");
  const words = [...(html === "" ? text : unescapedText(html)).replace(/\s+/gu, " ").trim()];
  return words.length <= excerptMax ? words.join("") : `${words.slice(0, excerptMax).join("")}…`;
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

function unescapedText(html: string): string {
  return html.replace(/<[^>]*>/g, " ").replace(/&([a-z]+|#39);/g, (entity, name: string) => entities[name] ?? entity);
}
