// All metrics of one process, in a registry of its own; docs/metrics.md has a row for each. Labels are bounded: a bot, a reason,
// a source, a kind, never an alert or a key.

import { collectDefaultMetrics, Registry } from "prom-client";
import { type DeliveryMetrics, deliveryMetrics } from "./delivery-metrics.ts";
import { type Families, familiesOf, startAtZero } from "./families.ts";
import { type OutboxMetrics, outboxMetrics } from "./outbox-metrics.ts";
import { type ReceiveMetrics, receiveMetrics } from "./receive-metrics.ts";
import { type RenderMetrics, renderMetrics } from "./render-metrics.ts";

/** What caught an error that should never happen. */
export const errorPlaces = ["receive", "deliver", "metrics"] as const;
export type ErrorPlace = (typeof errorPlaces)[number];

export interface ProcessMetrics {
  /** A config is in use. `hash` is hexadecimal; its first 48 bits are shown, as Alertmanager shows them. */
  configLoaded(config: { readonly atMs: number; readonly hash: string }): void;
  /** A reload failed; the running config stays in use. */
  configRefused(): void;
  /** The certificates were read: false when they cannot be used. */
  tlsReloaded(successful: boolean): void;
  tlsHandshakeFailed(): void;
  demoMode(on: boolean): void;
  unexpectedError(place: ErrorPlace): void;
}

export interface Metrics extends ProcessMetrics, ReceiveMetrics, RenderMetrics, DeliveryMetrics, OutboxMetrics {
  /** Creates the series of bots that a new config has. Counters of bots that it no longer has stay. */
  addBots(bots: readonly string[]): void;
  /** Prometheus's text format. Never rejects because of the outbox: a failure to read it is counted as unexpected. */
  text(): Promise<string>;
  readonly contentType: string;
}

export function createMetrics(bots: readonly string[], version: string): Metrics {
  const registry = new Registry();
  const families = familiesOf(registry);
  const ofProcess = processMetrics(families, version);
  const { startBots: startRender, ...render } = renderMetrics(families);
  const { startBots: startDelivery, ...delivery } = deliveryMetrics(families);
  const { startBots: startOutbox, refresh, ...outbox } = outboxMetrics(families);
  const startedBots = new Set<string>();
  collectNodeMetrics(registry);

  const metrics: Metrics = {
    ...ofProcess,
    ...receiveMetrics(families),
    ...render,
    ...delivery,
    ...outbox,
    contentType: registry.contentType,
    addBots(named) {
      const added = named.filter((bot) => !startedBots.has(bot));
      for (const start of [startRender, startDelivery, startOutbox]) start(added);
      for (const bot of added) startedBots.add(bot);
    },
    async text() {
      await refresh().catch(() => ofProcess.unexpectedError("metrics"));
      return registry.metrics();
    },
  };
  metrics.addBots(bots);
  return metrics;
}

function processMetrics(families: Families, version: string): ProcessMetrics {
  const build = families.gauge("build_info", "Always 1; the labels hold the running version and its Node.js version.", [
    "version",
    "nodeversion",
  ]);
  const successful = families.gauge(
    "config_last_reload_successful",
    "Whether the last attempt to load the config succeeded.",
  );
  const loadedAt = families.gauge(
    "config_last_reload_success_timestamp_seconds",
    "When the running config was loaded.",
  );
  const hash = families.gauge(
    "config_hash",
    "Hash of the running config; instances with different values run different configs.",
  );
  const unexpected = families.counter(
    "unexpected_errors_total",
    "Errors that should never happen, by what caught them.",
    ["place"],
  );
  const certificates = families.gauge(
    "tls_last_reload_successful",
    "Whether the certificates of --web.config.file could be used when they were last read; 1 without TLS.",
  );
  const handshakes = families.counter("tls_handshake_failures_total", "TLS connections that failed before a request.");
  const demo = families.gauge("demo", "1 when messages go to the simulator instead of WeCom, else 0.");
  certificates.set(1);
  build.set({ version, nodeversion: process.version }, 1);
  startAtZero(unexpected, { place: errorPlaces });

  return {
    configLoaded(config) {
      successful.set(1);
      loadedAt.set(config.atMs / 1000);
      hash.set(Number.parseInt(config.hash.slice(0, 12), 16));
    },
    configRefused: () => successful.set(0),
    tlsReloaded: (successfully) => certificates.set(successfully ? 1 : 0),
    tlsHandshakeFailed: () => handshakes.inc(),
    demoMode: (on) => demo.set(on ? 1 : 0),
    unexpectedError: (place) => unexpected.inc({ place }),
  };
}

/** prom-client's own, except three gauges whose names end in `_total`, which promtool rejects. */
function collectNodeMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const what of ["handles", "requests", "resources"]) registry.removeSingleMetric(`nodejs_active_${what}_total`);
}
