// A real Prometheus: scrapes the targets of its config and evaluates the rules next to this file, or others.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, startServer } from "../../support/child.ts";
import { eventually } from "../../support/stack.ts";

export interface Prometheus {
  readonly origin: string;
  /** The values of an instant query. */
  query(expression: string): Promise<readonly number[]>;
  stop(): Promise<unknown>;
}

export interface PrometheusOptions {
  readonly command: string;
  readonly folder: string;
  readonly config: string;
  /** How many Alertmanagers its config names. */
  readonly alertmanagers: number;
  /** The text of a rule file in place of rules.yml. */
  readonly rules?: string;
}

/** Resolves when it has found its Alertmanagers, which takes some seconds. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { command, folder, config, alertmanagers } = options;
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  writeFileSync(join(folder, "prometheus.yml"), config);
  const { rules = readFileSync(join(import.meta.dirname, "rules.yml"), "utf8") } = options;
  writeFileSync(join(folder, "rules.yml"), rules);
  const args = [
    `--config.file=${join(folder, "prometheus.yml")}`,
    `--storage.tsdb.path=${join(folder, "tsdb")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--web.external-url=${origin}`,
    // Alerts are resent so often that Alertmanager keeps flushing resolved groups, as it would over hours.
    "--rules.alert.resend-delay=1s",
    // A series ends this long after its last sample, since the samples have their own times.
    "--query.lookback-delta=3s",
    "--log.level=warn",
  ];
  const child = await startServer({ command, args }, `${origin}/-/ready`);
  const ask = async (path: string) => ((await (await fetch(`${origin}${path}`)).json()) as { data: unknown }).data;
  await eventually(
    "Prometheus has found its Alertmanagers",
    async () => {
      const found = (await ask("/api/v1/alertmanagers")) as { readonly activeAlertmanagers: readonly unknown[] };
      return found.activeAlertmanagers.length === alertmanagers;
    },
    20_000,
  );

  return {
    origin,
    async query(expression) {
      const found = (await ask(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as {
        readonly result: readonly { readonly value: readonly [number, string] }[];
      };
      return found.result.map(({ value }) => Number(value[1]));
    },
    stop: () => child.stop("SIGKILL"),
  };
}
