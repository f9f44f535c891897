// The alert and the group as every stage after `normalize` gets them: complete, even where the sender left something out.
// Field names are the senders' own (Alertmanager's webhook version 4, Grafana's version 1).

export type Source = "alertmanager" | "grafana";

export type AlertStatus = "firing" | "resolved";

/** Label and annotation sets. Read own properties only: a sender may use any name, `__proto__` included. */
export type LabelSet = Readonly<Record<string, string>>;

/** Links of an alert. Absolute http(s) URLs or null; not checked for reachability. */
export interface AlertLinks {
  readonly generatorURL: string | null;
  readonly silenceURL: string | null;
  readonly dashboardURL: string | null;
  readonly panelURL: string | null;
  readonly imageURL: string | null;
}

export interface Alert {
  readonly status: AlertStatus;
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  /** Epoch ms; null when the sender sent none, the zero time, or no readable time. */
  readonly startsAt: number | null;
  /** Epoch ms of the recovery; null while firing, whatever the sender sent. */
  readonly endsAt: number | null;
  /** RFC 3339 with the sender's offset and nanoseconds, for templates; empty when there was none. */
  readonly startsAtText: string;
  readonly endsAtText: string;
  /** What the sender sent for a time that could not be read. An end counts only of a resolved alert. */
  readonly unreadTimes: readonly string[];
  /** The start, or the end of a resolved alert, was ahead of the clock when the alert arrived. */
  readonly timesAhead: boolean;
  /** As the sender sent it, or a hash of the labels when it sent none: equal for the same alert in every peer. */
  readonly fingerprint: string;
  /** As `alertIdentity` makes it; of true copies in one body, each has its own. */
  readonly identity: string;
  readonly links: AlertLinks;
  /** Grafana's evaluated numbers by ref id; null when there are none. */
  readonly values: Readonly<Record<string, number>> | null;
  /** Grafana's text form of the values, or the legacy rule's metrics; empty when there is none. */
  readonly valueString: string;
}

/** No sender sent it: it stands for the alerts that an announcement is about, which have these labels. */
export function unsentAlert(labels: LabelSet): Alert {
  return {
    status: "firing",
    labels,
    annotations: {},
    startsAt: null,
    endsAt: null,
    startsAtText: "",
    endsAtText: "",
    unreadTimes: [],
    timesAhead: false,
    fingerprint: "",
    identity: "",
    links: { generatorURL: null, silenceURL: null, dashboardURL: null, panelURL: null, imageURL: null },
    values: null,
    valueString: "",
  };
}

/** What is wrong with the times of an alert: one was not read, one is ahead of the clock, or else the end is before the start. */
export const timeFlags = ["unread", "ahead", "reversed"] as const;

export type TimeFlag = (typeof timeFlags)[number];

/** Some senders cut only one of the two times to seconds. */
const reversedMs = 1_000;

export function timeFlagsOf({ unreadTimes, timesAhead, startsAt, endsAt }: Alert): readonly TimeFlag[] {
  const isReversed = !timesAhead && startsAt !== null && endsAt !== null && startsAt - endsAt >= reversedMs;
  const flagged = { unread: unreadTimes.length > 0, ahead: timesAhead, reversed: isReversed };
  return timeFlags.filter((flag) => flagged[flag]);
}

/**
 * Why the sender notifies: `notification_reason` of Alertmanager >= 0.32; null from senders that do not send it.
 * Source: prometheus/alertmanager notify/dedup_stage.go, NotifyReason.
 */
export type NotificationReason =
  | "first notification"
  | "new alerts added"
  | "some alerts resolved"
  | "all alerts resolved"
  | "repeat interval elapsed"
  | "unknown"
  | "none";

export interface AlertGroup {
  readonly source: Source;
  /** The sender's name for this receiver, unquoted (`web.hook`, not `web\.hook`). Empty when not sent. */
  readonly receiver: string;
  /** `firing` when any alert fires. */
  readonly status: AlertStatus;
  readonly alerts: readonly Alert[];
  readonly groupLabels: LabelSet;
  /** Pairs that all alerts of this group share; recomputed whenever a group is split. */
  readonly commonLabels: LabelSet;
  readonly commonAnnotations: LabelSet;
  readonly routeLabels: LabelSet;
  /** The sender's own address, or null. */
  readonly externalURL: string | null;
  /** Name of the entry of `alertmanagers` that has its externalURL; null when none has. */
  readonly alertmanager: string | null;
  readonly groupKey: string;
  /** Alerts that the sender left out (`max_alerts`). When above 0, the group must not be shown as recovered. */
  readonly truncatedAlerts: number;
  readonly notificationReason: NotificationReason | null;
  /** Grafana's rendered title and message; empty from other senders. */
  readonly title: string;
  readonly message: string;
  /** Hash of the body's bytes when its text was decoded with losses, so that no text of it is an identity; else null. */
  readonly lossyBody: string | null;
}

/** The pairs that every set holds, in the order of the first; none when there are no sets. Linear in the number of pairs. */
export function commonPairs(sets: readonly LabelSet[]): LabelSet {
  const [first = {}, ...others] = sets;
  if (others.length === 0) return { ...first };
  let shared = Object.entries(first);

  for (const set of others) {
    if (shared.length === 0) break;
    shared = shared.filter(([name, value]) => Object.hasOwn(set, name) && set[name] === value);
  }

  return Object.fromEntries(shared);
}

/** Labels and annotations that all alerts share. */
export function commonOf(alerts: readonly Alert[]): Pick<AlertGroup, "commonLabels" | "commonAnnotations"> {
  return {
    commonLabels: commonPairs(alerts.map(({ labels }) => labels)),
    commonAnnotations: commonPairs(alerts.map(({ annotations }) => annotations)),
  };
}

/** `firing` when any alert fires. */
export function groupStatus(alerts: readonly { readonly status: AlertStatus }[]): AlertStatus {
  return alerts.some((alert) => alert.status === "firing") ? "firing" : "resolved";
}

const mostNames = 3;
const longestName = 80;

/** The first names of alerts, each once, as text for a log line. */
export function firstAlertNames(alerts: readonly { readonly labels: LabelSet }[]): string {
  const names = new Set<string>();
  for (const { labels } of alerts) {
    if (Object.hasOwn(labels, "alertname")) names.add(labels.alertname ?? "");
    if (names.size > mostNames) break;
  }
  const shown = [...names]
    .slice(0, mostNames)
    .map((name) => [...name.slice(0, 2 * longestName)].slice(0, longestName).join(""));
  return names.size > mostNames ? `${shown.join(", ")}, …` : shown.join(", ");
}
