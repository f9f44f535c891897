// The figures of each table. PostgreSQL writes to disk in its own processes, of which only the write-ahead log is measured.

import type { Delivery } from "../replicas/measure.ts";
import type { Costs, Setup } from "../replicas/setups.ts";
import type { Idle } from "./idle.ts";
import type { Row } from "./table.ts";

type Engine = Setup["engine"];

interface Measured {
  readonly cost: Costs;
}

const statements = row("statements", 2, ({ cost }: Measured) => cost.statements);
const logBytes = row("bytes of the write-ahead log", 0, ({ cost }: Measured) => cost.logBytes);
const serviceMs = row("CPU ms of the service", 2, ({ cost }: Measured) => cost.replicasMs);
const serverMs = row("CPU ms of the server", 2, ({ cost }: Measured) => cost.serverMs);
const writtenBytes = row("bytes written to disk by the service", 0, ({ cost }: Measured) => cost.writtenBytes);

const idleOnPostgres: readonly Row<Idle>[] = [
  statements,
  logBytes,
  serviceMs,
  serverMs,
  row("round trips before the request leaves", 0, ({ steps }: Idle) => steps?.tripsBefore ?? Number.NaN),
];

const idleOnBoth: readonly Row<Idle>[] = [
  row("log flushes before the request leaves", 0, ({ steps }: Idle) => steps?.flushesBefore ?? Number.NaN),
  row("log flushes in all", 0, ({ steps }: Idle) => steps?.flushes ?? Number.NaN),
  row("webhook to robot, ms, p50", 2, ({ p50Ms }: Idle) => p50Ms),
  row("webhook to robot, ms, p90", 2, ({ p90Ms }: Idle) => p90Ms),
  row("webhook to its answer, ms, p50", 2, ({ answerMs }: Idle) => answerMs),
];

const loadOnPostgres: readonly Row<Delivery>[] = [
  statements,
  logBytes,
  row("records of the write-ahead log", 1, ({ cost }: Delivery) => cost.logRecords),
  row("flushes of the write-ahead log", 2, ({ cost }: Delivery) => cost.logFlushes),
  serviceMs,
  serverMs,
];

const loadOnBoth: readonly Row<Delivery>[] = [
  row("delivered a second", 0, ({ perSecond }: Delivery) => perSecond),
  row("p99 of a webhook, ms", 0, ({ p99Ms }: Delivery) => p99Ms),
  row("stored bytes", 0, ({ storedBytes }: Delivery) => storedBytes),
  row("resident MB after all", 0, ({ residentMegabytes }: Delivery) => residentMegabytes),
  row("messages in all", 0, ({ messages }: Delivery) => messages),
  row("largest window", 0, ({ largestWindow }: Delivery) => largestWindow),
  row("violations in all", 0, ({ violations }: Delivery) => violations),
  row("refused webhooks in all", 0, ({ refused }: Delivery) => refused),
];

export function idleRows(engine: Engine): readonly Row<Idle>[] {
  return [...(engine === "postgres" ? idleOnPostgres : [serviceMs, writtenBytes]), ...idleOnBoth];
}

export function loadRows(engine: Engine): readonly Row<Delivery>[] {
  return [...(engine === "postgres" ? loadOnPostgres : [serviceMs, writtenBytes]), ...loadOnBoth];
}

function row<T>(label: string, digits: number, value: (run: T) => number): Row<T> {
  return { label, digits, value };
}
