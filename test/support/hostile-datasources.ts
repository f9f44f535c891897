// Datasources that hang, answer too much or have a wrong certificate, and an alert with a forged expression.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { OptionalResult } from "../../src/domain/optional-part.ts";
import { FakePrometheus, type Misbehave } from "./fake-prometheus.ts";

const rule = { name: "Load", query: "load > 0.5" };

/** No rule of any of them. */
export const forgedExpression = 'count({__name__=~".+"}) > 0';

interface Hostility {
  readonly misbehave?: Misbehave;
  /** Name of the certificate in test/fixtures/tls; plain HTTP when absent. */
  readonly certificate?: string;
  /** More settings of the datasource as YAML. */
  readonly settings?: string;
  readonly expression?: string;
  /** What becomes of the graph. */
  readonly result: OptionalResult;
  /** In the log line about the query; null when it has none. */
  readonly detail: string | null;
}

const fixture = (name: string) => join(import.meta.dirname, "../fixtures/tls", name);

const series = 20_001;
const instanceOf = (n: number) => `node-${n}`;
const loadOf = (n: number) => 1 - n / series;

/** The series of the alert fires most; the others follow. */
const shown = Array.from({ length: 6 }, (_, n) => ({ labels: { instance: instanceOf(n) }, valueAt: () => loadOf(n) }));

const hostilities = {
  /** For comparison. */
  answers: { result: "sent", detail: null },
  hangs: { misbehave: () => true, result: "timeout", detail: "\\d+ ms" },
  "answers 20,000 series": { misbehave: answering(20_000), result: "sent", detail: null },
  "answers 20,001 series": { misbehave: answering(20_001), result: "tooLarge", detail: "\\d+ characters" },
  "has a certificate of no known authority": {
    certificate: "server",
    result: "unreachable",
    detail: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  },
  "has the certificate of a client": {
    certificate: "client",
    settings: `ca_file: "${fixture("client-ca.pem")}"`,
    result: "unreachable",
    detail: "INVALID_PURPOSE",
  },
  "is asked for a forged expression": { expression: forgedExpression, result: "noRule", detail: null },
} as const satisfies Readonly<Record<string, Hostility>>;

export type HostileName = keyof typeof hostilities;

export const hostileNames = Object.keys(hostilities) as readonly HostileName[];

export interface HostileDatasource extends AsyncDisposable {
  readonly prometheus: FakePrometheus;
  readonly result: OptionalResult;
  readonly detail: string | null;
  /** Requests that it answered badly, or not yet; connections where there are no requests. */
  asked(): number;
  /** Requests without an answer. */
  open(): number;
  /** A section of `datasources`, for the alerts of this generator. */
  section(generator: string): string;
  /** As `loadAlert`, with the expression that the alert claims. */
  alert(groupKey: string, generator: string): object;
}

export async function startHostile(name: HostileName): Promise<HostileDatasource> {
  const { misbehave, certificate, settings, expression = rule.query, ...rest }: Hostility = hostilities[name];
  const read = (ending: string) => readFileSync(fixture(`${certificate}.${ending}`));
  const tls = certificate === undefined ? null : { key: read("key"), cert: read("pem") };
  const prometheus = await FakePrometheus.start(() => Date.now(), tls);
  let asked = 0;
  let open = 0;
  prometheus.rules = [rule];
  for (const query of ["load", forgedExpression]) prometheus.series.set(query, shown);
  prometheus.misbehave = (request, response) => {
    open += 1;
    response.once("close", () => {
      open -= 1;
    });
    const isAnswered = misbehave?.(request, response) ?? false;
    if (isAnswered || misbehave === undefined) asked += 1;
    return isAnswered;
  };
  return {
    ...rest,
    prometheus,
    asked: () => (tls === null ? asked : prometheus.connectedAt.length),
    open: () => open,
    section: (generator) =>
      `{ generator_urls: ["${generator}"], url: "${prometheus.url}"${settings === undefined ? "" : `, ${settings}`} }`,
    alert: (groupKey, generator) => loadAlert(groupKey, generator, expression),
    [Symbol.asyncDispose]: () => prometheus[Symbol.asyncDispose](),
  };
}

/** A webhook body with one alert of the rule, and of this generator. */
export function loadAlert(groupKey: string, generator: string, expression = rule.query): object {
  const generatorURL = `${generator}/graph?${new URLSearchParams({ "g0.expr": expression })}`;
  const labels = { alertname: rule.name, instance: instanceOf(0) };
  const startsAt = new Date(Date.now() - 600_000).toISOString();
  return { version: "4", groupKey, alerts: [{ status: "firing", labels, startsAt, generatorURL }] };
}

/** To an instant query; whatever limit was asked for. */
function answering(count: number): Misbehave {
  const result = Array.from({ length: count }, (_, n) => ({
    metric: { instance: instanceOf(n) },
    value: [Date.now() / 1000, String(loadOf(n))],
  }));
  const answer = Buffer.from(JSON.stringify({ status: "success", data: { resultType: "vector", result } }));
  return ({ path }, response) => path === "/api/v1/query" && Boolean(response.end(answer));
}
