// A watched silence and the Alertmanager that has it, in memory.

import type { CurrentAlert } from "../../../src/actions/alertmanager-answers.ts";
import type { SilenceReader } from "../../../src/actions/watch-silences.ts";
import type { SilenceWatch } from "../../../src/domain/action.ts";
import type { Alert } from "../../../src/domain/alert.ts";
import { type Notification, routedGroupText } from "../../../src/domain/notification.ts";
import { alertOf, noon, routedGroup } from "../../support/waiting.ts";

export const queue = alertOf({ labels: { alertname: "Queue", queue: "orders" }, startsAt: noon });
export const otherQueue = alertOf({ labels: { alertname: "Queue", queue: "mails" }, startsAt: noon });

export function watchOf(alerts: readonly Alert[] = [queue], watch: Partial<SilenceWatch> = {}): SilenceWatch {
  return {
    id: "w-1",
    alertmanager: "prod",
    silenceId: "s-1",
    matchers: [{ name: "alertname", op: "=", value: "Queue" }],
    endsAt: noon + 3_600_000,
    untilRecovered: false,
    notice: "",
    body: routedGroupText(routedGroup(alerts)),
    missing: [],
    recovered: [],
    ...watch,
  };
}

export function firingNow({ labels, startsAt }: Alert, more: Partial<CurrentAlert> = {}): CurrentAlert {
  return { labels, startsAt, silencedBy: [], isInhibited: false, ...more };
}

/** `Queue orders resolved: notice` */
export function saidIn(notifications: readonly Notification[]): readonly string[] {
  return notifications.flatMap(({ routed: { group, notice } }) => {
    const alerts = group.alerts.map(({ labels, status }) => `${labels.queue} ${status}`);
    return alerts.length === 0 ? [notice] : alerts.map((text) => `${text}: ${notice}`);
  });
}

/** Answers as long as it is not away. */
export class MemoryAlertmanager implements SilenceReader {
  isAway = false;
  firing: readonly Alert[] = [queue];
  readonly removed: string[] = [];
  readonly silences = new Map<string, { endsAt: number; comment: string }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  alerts: SilenceReader["alerts"] = async () => {
    const inForce = [...this.silences].filter(([, { endsAt }]) => endsAt > this.#now()).map(([id]) => id);
    return this.#answer(this.firing.map((alert) => firingNow(alert, { silencedBy: inForce })));
  };

  silence: SilenceReader["silence"] = async (id) => {
    const silence = this.silences.get(id);
    if (silence === undefined && !this.isAway) return { kind: "rejected", status: 404, message: "" };
    const { endsAt = 0, comment = "" } = silence ?? {};
    return this.#answer({ id, endsAt, comment, createdBy: "", isActive: endsAt > this.#now() });
  };

  expireSilence: SilenceReader["expireSilence"] = async (id) => {
    const silence = this.silences.get(id);
    if (this.isAway || silence === undefined) return this.#answer(null);
    silence.endsAt = this.#now();
    this.removed.push(id);
    return this.#answer(null);
  };

  #answer<T>(value: T) {
    if (this.isAway) return { kind: "failed", code: "ECONNREFUSED", isInDoubt: false } as const;
    return { kind: "answered", value } as const;
  }
}
