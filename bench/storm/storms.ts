// The storms: alerts of one Alertmanager, spread evenly over webhooks and ten seconds, with three urgent alerts in the middle.

import type { ScriptedFault } from "../../src/simulator/faults.ts";

export interface Storm {
  readonly alerts: number;
  readonly webhooks: number;
  /** Faults of the robot. */
  readonly faults?: readonly ScriptedFault[];
}

export interface Arrival {
  /** From the start of the storm. */
  readonly afterMs: number;
  readonly body: string;
  /** Values of its alerts that occur nowhere else. */
  readonly instances: readonly string[];
  readonly urgent: boolean;
}

/** A webhook has at least one alert, so there are never more webhooks than alerts. */
export const storms: readonly Storm[] = [100, 1_000, 10_000].flatMap((alerts) =>
  [1, 50, 500].filter((webhooks) => webhooks <= alerts).map((webhooks) => ({ alerts, webhooks })),
);

/** With the three urgent webhooks, 21 and 4. */
export const calm: readonly (readonly [string, Storm])[] = [
  ["21 webhooks in 10 s: one more than WeCom takes in a minute", { alerts: 18, webhooks: 18 }],
  [
    "4 webhooks; WeCom answers the first request with HTTP 200 and errcode -1",
    { alerts: 1, webhooks: 1, faults: [{ kind: "errcode", errcode: -1 }] },
  ],
];

const stormMs = 10_000;
const urgentAfterMs = [4_000, 5_500, 7_000];

export const instancePattern = /(?:node|core)-\d{5}\.example/gu;

export function arrivalsOf({ alerts, webhooks }: Storm, startsAt: number): readonly Arrival[] {
  const perWebhook = Math.ceil(alerts / webhooks);
  const calm = Array.from({ length: webhooks }, (_, n) => {
    const first = n * perWebhook;
    const numbers = Array.from({ length: Math.min(perWebhook, alerts - first) }, (_, i) => first + i);
    const afterMs = webhooks === 1 ? stormMs / 4 : (n * stormMs) / webhooks;
    return arrival({ afterMs, numbers, urgent: false, startsAt });
  });
  const urgent = urgentAfterMs.map((afterMs, n) => arrival({ afterMs, numbers: [n], urgent: true, startsAt }));
  return [...calm, ...urgent].sort((a, b) => a.afterMs - b.afterMs);
}

interface Described {
  readonly afterMs: number;
  readonly numbers: readonly number[];
  readonly urgent: boolean;
  readonly startsAt: number;
}

function arrival({ afterMs, numbers, urgent, startsAt }: Described): Arrival {
  const instances = numbers.map((n) => `${urgent ? "core" : "node"}-${String(n).padStart(5, "0")}.example`);
  const groupLabels = { alertname: urgent ? "CoreDown" : "NodeUnreachable", rack: instances[0] ?? "" };
  const severity = urgent ? "critical" : "warning";
  const alerts = instances.map((instance) => ({
    status: "firing",
    labels: { ...groupLabels, severity, instance },
    annotations: { summary: `${instance} 连续 2 分钟没有心跳` },
    startsAt: new Date(startsAt + afterMs - 120_000).toISOString(),
    endsAt: "0001-01-01T00:00:00Z",
    generatorURL: "http://prometheus.example:9090/graph?g0.expr=up+%3D%3D+0",
  }));
  const groupKey = `{}:${JSON.stringify(groupLabels)}`;
  const group = { receiver: "wecom", status: "firing", groupLabels, commonLabels: { ...groupLabels, severity } };
  const body = JSON.stringify({ version: "4", groupKey, truncatedAlerts: 0, ...group, alerts });
  return { afterMs, body, instances, urgent };
}
