// All metrics of one process, in a registry of its own; docs/metrics.md has a row for each. Labels are bounded: a bot, a reason,
// a source, a kind, never an alert or a key.

import { collectDefaultMetrics, type Registry } from "prom-client";
import { type AlertStatus, type Source, timeFlags } from "../domain/alert.ts";
import { messageKinds } from "../domain/message-kind.ts";
import { deliveryModes } from "../domain/notification.ts";
import { optionalKinds, optionalResults } from "../domain/optional-part.ts";
import { failureReasons } from "../domain/reason.ts";
import { datasourceMetrics } from "./datasource-metrics.ts";
import { anyBot, MetricFamilies } from "./families.ts";
import { phonePageMetrics } from "./phone-page-metrics.ts";

const sources = ["alertmanager", "grafana"] as const satisfies readonly Source[];
const statuses = ["firing", "resolved"] as const satisfies readonly AlertStatus[];

/** `unknown` until the body has been read. */
const webhookSources = [...sources, "unknown"] as const;
export type WebhookSource = (typeof webhookSources)[number];

/** Every HTTP status a webhook is answered with (docs/errors.md). */
export const webhookCodes = [200, 400, 401, 403, 404, 405, 408, 413, 415, 500, 503] as const;
export type WebhookCode = (typeof webhookCodes)[number];

/** What a request asks for: a webhook for the route tree or for a bot, or anything that is neither a webhook nor a probe. */
const protectedEndpoints = ["route", "bot", "admin"] as const;
export type ProtectedEndpoint = (typeof protectedEndpoints)[number];

/** Why a request was rejected before its body was parsed (docs/errors.md). */
const authReasons = ["missing", "wrong", "stale", "replayed", "crossSite", "notLocal"] as const;
export type AuthReason = (typeof authReasons)[number];

/** Why a body that was arriving was cut (docs/secure.md, Many senders at once). */
const cutReasons = ["slow", "displaced"] as const;
export type CutReason = (typeof cutReasons)[number];

/** What caught an error that should never happen. */
const errorPlaces = ["receive", "deliver", "metrics"] as const;

/** From an idle bot (well under a second) to a backlog of an hour; 60 s is one send window. */
const latencyBucketsSeconds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600] as const;

interface BotBacklog {
  readonly bot: string;
  readonly notifications: number;
  /** Age of the oldest of them. */
  readonly oldestMs: number;
}

export class Metrics {
  readonly #families = new MetricFamilies();
  #readBacklog: () => Promise<readonly BotBacklog[]> = async () => [];
  /** Their backlog is shown, 0 when nothing is queued. */
  readonly #botsSeen = new Set<string>();

  readonly webhookRequests = this.#families.counter(
    "webhook_requests_total",
    "Webhook requests, by sender and HTTP status of the answer.",
    { source: webhookSources, code: webhookCodes },
  );
  readonly alertsReceived = this.#families.counter(
    "alerts_received_total",
    "Alerts in accepted webhooks, before routing and deduplication.",
    { source: sources, status: statuses },
  );
  readonly alertsInvalid = this.#families.counter(
    "alerts_invalid_total",
    "Entries of accepted webhooks that are not readable as alerts and were ignored.",
    { source: sources },
  );
  readonly lossyBodies = this.#families.counter(
    "bodies_decoded_with_losses_total",
    "Accepted webhooks of which some characters could not be decoded.",
    { source: sources },
  );
  readonly timesFlagged = this.#families.counter(
    "alert_times_flagged_total",
    "Alerts with a time that could not be read, is ahead of the clock, or ends them before they start.",
    { source: sources, reason: timeFlags },
  );
  readonly alertsDropped = this.#families.counter(
    "alerts_dropped_total",
    "Alerts in accepted webhooks that the routes discard (drop: true).",
    { source: sources },
  );
  readonly duplicatesSuppressed = this.#families.counter(
    "duplicates_suppressed_total",
    "Notifications not stored because they are duplicates (HA peers, retries of the sender).",
    { source: sources },
  );
  readonly bodiesCut = this.#families.counter(
    "bodies_cut_total",
    "Webhook bodies that were cut while they arrived, because they were slow or others needed their room.",
    { reason: cutReasons },
  );
  readonly connectionsClosed = this.#families.counter(
    "connections_closed_total",
    "Connections that were closed to stay below the limits of connections.",
    {},
  );
  readonly authFailures = this.#families.counter(
    "auth_failures_total",
    "Requests rejected for their credentials or their origin, by what they asked for and reason.",
    { hook: protectedEndpoints, reason: authReasons },
  );

  readonly notificationsSuperseded = this.#families.counter(
    "notifications_superseded_total",
    "Notifications replaced by a newer state of their group before they were sent.",
    { bot: anyBot },
  );
  readonly alertsDelivered = this.#families.counter("alerts_delivered_total", "Alerts delivered, by mode.", {
    bot: anyBot,
    mode: deliveryModes,
  });
  readonly messageParts = this.#families.counter("message_parts_total", "Messages rendered, by kind.", {
    bot: anyBot,
    kind: messageKinds,
  });
  readonly shortenedValues = this.#families.counter(
    "shortened_values_total",
    "Label and annotation values shortened to fit their alert into a message.",
    { bot: anyBot },
  );
  readonly optionalParts = this.#families.failures(
    "optional_parts_total",
    "Pictures and graphs of delivered alerts, by what became of them: sent, or why they were omitted.",
    { kind: optionalKinds, result: optionalResults },
  );
  readonly templateFailures = this.#families.failures(
    "template_failures_total",
    "Times that a template failed and its fallback was used.",
    {},
  );
  readonly mentionsFailed = this.#families.failures(
    "mentions_failed_total",
    "Names that the config asks to mention and that cannot be mentioned.",
    {},
  );

  readonly datasources = datasourceMetrics(this.#families);

  readonly phonePage = phonePageMetrics(this.#families);

  readonly notificationRequests = this.#families.counter("notification_requests_total", "Requests sent to WeCom.", {
    bot: anyBot,
  });
  readonly notificationRequestsFailed = this.#families.failures(
    "notification_requests_failed_total",
    "Requests to WeCom that failed, by reason.",
    { reason: failureReasons },
  );
  readonly notifications = this.#families.counter(
    "notifications_total",
    "Notifications of which every message was sent.",
    { bot: anyBot },
  );
  readonly notificationsFailed = this.#families.failures(
    "notifications_failed_total",
    "Notifications of which at least one message is dead, by reason.",
    { reason: failureReasons },
  );
  readonly notificationLatency = this.#families.histogram(
    "notification_latency_seconds",
    "Time from accepting a notification to WeCom's answer to its last message.",
    latencyBucketsSeconds,
  );
  readonly windowSlotsFree = this.#families.gauge(
    "window_slots_free",
    "Messages of the current minute that the bot has left within WeCom's limit, also while it may not send.",
    { bot: anyBot },
  );
  readonly keyUp = this.#families.gauge(
    "key_up",
    "1 while WeCom takes messages with every key of the bot, 0 while a key is off. No series before a key was used.",
    { bot: anyBot },
    null,
  );

  readonly #outboxNotifications = this.#families.gauge(
    "outbox_notifications",
    "Notifications that are queued: not planned yet, or with messages not sent yet.",
    { bot: anyBot },
  );
  readonly #outboxOldest = this.#families.gauge(
    "outbox_oldest_seconds",
    "Age of the oldest queued notification; 0 when none is queued.",
    { bot: anyBot },
  );
  readonly outboxLimit = this.#families.gauge(
    "outbox_limit_notifications",
    "Number of queued notifications at which webhooks are answered with 503.",
    {},
  );

  readonly #configSuccessful = this.#families.gauge(
    "config_last_reload_successful",
    "Whether the last attempt to load the config succeeded.",
    {},
  );
  readonly #configLoadedAt = this.#families.gauge(
    "config_last_reload_success_timestamp_seconds",
    "When the running config was loaded.",
    {},
  );
  readonly #configHash = this.#families.gauge(
    "config_hash",
    "Hash of the running config and its templates; instances with different values run different configs.",
    {},
  );
  readonly unexpectedErrors = this.#families.counter(
    "unexpected_errors_total",
    "Errors that should never happen, by what caught them.",
    { place: errorPlaces },
  );
  readonly tlsSuccessful = this.#families.gauge(
    "tls_last_reload_successful",
    "Whether the certificates of --web.config.file could be used when they were last read; 1 without TLS.",
    {},
    1,
  );
  readonly tlsHandshakeFailures = this.#families.counter(
    "tls_handshake_failures_total",
    "TLS connections that failed before a request.",
    {},
  );
  readonly demo = this.#families.gauge("demo", "1 when messages go to the simulator instead of WeCom, else 0.", {});

  constructor(bots: readonly string[], version: string) {
    const build = { version: [version], nodeversion: [process.version] };
    const help = "Always 1; the labels hold the running version and its Node.js version.";
    this.#families.gauge("build_info", help, build, 1);
    collectNodeMetrics(this.#families.registry);
    this.addBots(bots);
  }

  /** Creates the gauges of bots that a new config has. Series of bots that it no longer has stay. */
  addBots(bots: readonly string[]): void {
    this.#families.addBots(bots);
    for (const bot of bots) this.#botsSeen.add(bot);
  }

  /** Bots that are no longer configured have neither slots nor keys; their counters stay. */
  forgetBots(bots: readonly string[]): void {
    for (const family of [this.windowSlotsFree, this.keyUp]) for (const bot of bots) family.remove({ bot });
  }

  /** A config is in use. `hash` is hexadecimal; its first 48 bits are shown, as Alertmanager shows them. */
  configLoaded({ atMs, hash }: { readonly atMs: number; readonly hash: string }): void {
    this.#configSuccessful.set({}, 1);
    this.#configLoadedAt.set({}, atMs / 1000);
    this.#configHash.set({}, Number.parseInt(hash.slice(0, 12), 16));
  }

  /** A reload failed; the running config stays in use. */
  configRefused(): void {
    this.#configSuccessful.set({}, 0);
  }

  /** `read` is called at every scrape. Until it is given, the backlog is zero. */
  backlogFrom(read: () => Promise<readonly BotBacklog[]>): void {
    this.#readBacklog = read;
  }

  /** Prometheus's text format. Never rejects because of the outbox: a failure to read it is counted as unexpected. */
  async text(): Promise<string> {
    await this.#refreshBacklog().catch(() => this.unexpectedErrors.inc({ place: "metrics" }));
    return this.#families.registry.metrics();
  }

  get contentType(): string {
    return this.#families.registry.contentType;
  }

  /** When the outbox cannot be read, the gauges keep their last values. */
  async #refreshBacklog(): Promise<void> {
    const backlog = new Map((await this.#readBacklog()).map((row) => [row.bot, row]));
    for (const bot of backlog.keys()) this.#botsSeen.add(bot);
    for (const bot of this.#botsSeen) {
      this.#outboxNotifications.set({ bot }, backlog.get(bot)?.notifications ?? 0);
      this.#outboxOldest.set({ bot }, Math.max(0, backlog.get(bot)?.oldestMs ?? 0) / 1000);
    }
  }
}

/** prom-client's own, except three gauges whose names end in `_total`, which promtool rejects. */
function collectNodeMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const what of ["handles", "requests", "resources"]) registry.removeSingleMetric(`nodejs_active_${what}_total`);
}
