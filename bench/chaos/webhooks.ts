// The webhooks of a run. All alerts differ. A few bots get far more than their window allows, and some webhooks need several messages:
// their alerts have different texts.

import type { Random } from "../../test/fuzz/random.ts";

export interface Webhook {
  /** Identifies an alert of a run, and occurs nowhere else. */
  readonly ids: readonly string[];
  readonly body: string;
}

export const bots = Array.from({ length: 20 }, (_, n) => ({
  name: `bot${n}`,
  key: `${String(n).padStart(8, "0")}-5ec2-4e77-9999-000000000000`,
}));

export const idPattern = /w\d{5}n\d{2}/gu;

/** Three of four webhooks are for these bots: with 5,000 in half an hour, over 40 a minute for each, half of them urgent. */
const pressedBots = 3;
const pressedGroups = 60;
const calmGroups = 2;

/** Busy bots have so many groups that a digest takes several messages. */
const oneLargeOf = { pressed: 4, calm: 20 };
const largeAtLeast = 12;
const largeAtMost = 40;

export function webhookOf(number: number, random: Random): Webhook {
  const pressed = !random.once(4);
  const bot = pressed ? random.below(pressedBots) : pressedBots + random.below(bots.length - pressedBots);
  const severity = pressed && random.once(2) ? "critical" : "warning";
  const groupLabels = {
    alertname: "Chaos",
    severity,
    group: `${bot}-${random.below(pressed ? pressedGroups : calmGroups)}`,
  };
  const count = random.once(pressed ? oneLargeOf.pressed : oneLargeOf.calm)
    ? largeAtLeast + random.below(largeAtMost - largeAtLeast)
    : 1;
  const ids = Array.from({ length: count }, (_, n) => `w${padded(number, 5)}n${padded(n, 2)}`);
  const alerts = ids.map((instance) => ({
    status: "firing",
    labels: { ...groupLabels, bot: `bot${bot}`, instance },
    annotations: {
      summary: `${instance} 没有心跳`,
      description: `日志的末尾：${words(random)}`,
    },
    startsAt: "2026-01-01T00:00:00Z",
  }));
  const groupKey = `{}:${JSON.stringify(groupLabels)}`;
  return { ids, body: JSON.stringify({ version: "4", groupKey, groupLabels, alerts }) };
}

/** In no label, and no pattern of other texts: what alerts have in common is shown once. */
function words(random: Random): string {
  return Array.from({ length: 16 }, () => random.below(2 ** 30).toString(36)).join(" ");
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}
