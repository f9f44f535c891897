// The webhooks of the bench: usual storms, and the worst that the limits of a webhook allow.

import { hostileBody } from "../../test/fuzz/bodies.ts";
import { calmBodies } from "../storm/planning.ts";

export interface ToRender {
  readonly name: string;
  readonly bodies: () => readonly (string | Buffer)[];
}

export const toRender: readonly ToRender[] = [
  { name: "40 alerts in 40 groups, on the loop", bodies: () => times(40, () => group(many(1, () => wide(5, 40)))) },
  { name: "10,000 alerts in 500 groups", bodies: () => calmBodies(500) },
  { name: "10,000 alerts in 10,000 groups", bodies: () => calmBodies(10_000) },
  {
    name: "one group of 2,000 alerts, 20 labels of 200 bytes",
    bodies: () => [group(many(2_000, () => wide(20, 200)))],
  },
  { name: "one group of 20,000 alerts", bodies: () => [group(many(20_000, () => ({})))] },
  { name: "one alert, 20 labels of 100 kB", bodies: () => [group(many(1, () => wide(20, 100_000)))] },
  {
    name: "one alert, 20 labels of 100 kB of markup",
    bodies: () => [group(many(1, () => wide(20, 100_000, "<@a>`*[x](y)")))],
  },
  { name: "one alert, a name of 9.9 MB", bodies: () => [group(many(1, () => ({ alertname: "x".repeat(9_900_000) })))] },
  {
    name: "one alert, a summary of 9.9 MB of line feeds",
    bodies: () => [
      group(
        many(1, () => ({})),
        { summary: "\n<".repeat(3_300_000) },
      ),
    ],
  },
  { name: "one alert, 990 labels of 200 bytes", bodies: () => [group(many(1, () => wide(990, 200)))] },
  { name: "one alert, 990 labels of markup", bodies: () => [group(many(1, () => wide(990, 200, "<font>`*[x](y)")))] },
  {
    name: "30 groups of 30 alerts, 990 labels each",
    bodies: () => times(30, () => group(many(30, () => wide(990, 4)))),
  },
  { name: "one group of 400 alerts, 990 labels each", bodies: () => [group(many(400, () => wide(990, 4)))] },
  { name: "5,000 bodies of the fuzz", bodies: () => times(5_000, (n) => hostileBody(n + 1, 100_000).bytes) },
];

let serial = 0;

function count(): number {
  serial += 1;
  return serial;
}

function group(alerts: readonly object[], annotations: object = {}): string {
  return JSON.stringify({
    groupKey: `{}:{n="${count()}"}`,
    receiver: "wecom",
    alerts: alerts.map((labels) => ({ status: "firing", labels, annotations, startsAt: "2025-12-31T23:00:00Z" })),
  });
}

function many(count: number, labels: (n: number) => object): readonly object[] {
  return times(count, (n) => ({ alertname: "NodeUnreachable", instance: `node-${n}`, ...labels(n) }));
}

/** No two alerts share a value. */
function wide(labels: number, bytes: number, text = "x"): object {
  const filler = text.repeat(Math.ceil(bytes / text.length));
  return Object.fromEntries(times(labels, (n) => [`label_${n}`, `${count()}${filler}`.slice(0, bytes)]));
}

function times<T>(count: number, make: (n: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, n) => make(n));
}
