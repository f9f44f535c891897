// A datasource that asks a fake Prometheus, and alerts of one rule there.

import type { DatasourceSettings } from "../../../../src/config/datasources.ts";
import type { Alert } from "../../../../src/domain/alert.ts";
import { Datasource, type QueryReport } from "../../../../src/graph/datasource/datasource.ts";
import { createDatasourceClient } from "../../../../src/graph/datasource/datasource-client.ts";
import { FakePrometheus } from "../../../support/fake-prometheus.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { sampleAlert } from "../../render/deliveries.ts";

export const timeoutMs = 5_000;

export const never = new AbortController().signal;

export interface DatasourceParts {
  readonly settings: Partial<DatasourceSettings>;
  readonly clock: ManualClock;
  readonly reports: QueryReport[];
}

export function datasourceAt(url: string, { settings, clock, reports }: DatasourceParts): Datasource {
  const whole: DatasourceSettings = {
    name: "prod",
    generatorURLs: ["http://prometheus:9090"],
    credential: null,
    headers: new Map(),
    ca: null,
    expressions: "rules",
    ...settings,
    url,
  };
  const client = createDatasourceClient(whole, { timeoutMs, clock });
  return new Datasource({ settings: whole, client, clock, timeoutMs, report: (report) => reports.push(report) });
}

export interface DatasourceLab extends AsyncDisposable {
  readonly datasource: Datasource;
  readonly prometheus: FakePrometheus;
  readonly clock: ManualClock;
  readonly reports: readonly QueryReport[];
}

export async function datasourceLab(settings: Partial<DatasourceSettings> = {}): Promise<DatasourceLab> {
  const clock = new ManualClock();
  const prometheus = await FakePrometheus.start(() => clock.now());
  const reports: QueryReport[] = [];
  const datasource = datasourceAt(settings.url ?? prometheus.url, { settings, clock, reports });
  return {
    datasource,
    prometheus,
    clock,
    reports,
    async [Symbol.asyncDispose]() {
      await datasource.close();
      await prometheus[Symbol.asyncDispose]();
    },
  };
}

export const query = "disk_used_ratio > 0.9";

/** Of the rule above; its generatorURL is Prometheus's. */
export function diskAlert(instance: string, rest: Partial<Alert> = {}): Alert {
  const generatorURL = `http://prometheus:9090/graph?${new URLSearchParams({ "g0.expr": query, "g0.tab": "1" })}`;
  const alert = sampleAlert({ alertname: "DiskFull", instance, severity: "critical" }, rest);
  return { ...alert, links: { ...alert.links, generatorURL, ...rest.links } };
}
