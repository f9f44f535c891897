// What is to be announced and done about a silence that was set on the phone page, from what Alertmanager has now. Alertmanager itself says
// nothing when a silenced alert recovers (prometheus/alertmanager#226), and after a silence it repeats an alert only when its
// `repeat_interval` is over.

import { type SilenceWatch, watchEveryMs } from "../domain/action.ts";
import { type Alert, commonOf, groupStatus } from "../domain/alert.ts";
import { identityHash } from "../domain/instance.ts";
import type { Language } from "../domain/message-kind.ts";
import { type Notification, parseRoutedGroup, type RoutedGroup } from "../domain/notification.ts";
import { identify } from "../route/identity.ts";
import type { CurrentAlert } from "./alertmanager-answers.ts";
import { covering, hasExactly } from "./silence.ts";

/** What Alertmanager answered about a watched silence. */
export interface SilenceLook {
  /** Of the outbox. */
  readonly now: number;
  /** False once it has expired, or Alertmanager no longer has it. */
  readonly isInForce: boolean;
  /** Firing ones that pass the filters of its matchers. */
  readonly alerts: readonly CurrentAlert[];
}

export interface FollowUp {
  /** The silence is removed before anything is announced. If that fails, nothing is, until the next look. */
  readonly removesSilence: boolean;
  /** Accepted before the watch is stored: when we die in between, they are duplicates the next time. */
  readonly notifications: readonly Notification[];
  /** What is stored; null: the watch has ended. */
  readonly watch: SilenceWatch | null;
  readonly dueAt: number;
}

/**
 * An alert that Alertmanager does not have has recovered, unless Alertmanager was just restarted: Prometheus sends its alerts again
 * within a minute or two. So it counts when it is missing twice, this long apart.
 */
const missingMs = 2 * watchEveryMs;

/** Its clock may be a little behind. */
const afterEndMs = 2_000;

/** @param watch of a silence whose id is known, and which is announced */
export function followUp(watch: SilenceWatch, look: SilenceLook): FollowUp {
  const routed = parseRoutedGroup(watch.body);
  const alerts = routed.group.alerts.map((alert) => ({ alert, current: currentOf(alert, look) }));
  const missing = alerts.flatMap(({ alert, current }) => (current === null ? [alert] : []));
  const unannounced = missing.filter(({ identity }) => !watch.recovered.includes(identity));
  const recovered = unannounced.filter(({ identity }) => watch.missing.includes(identity));
  const isUnsure = recovered.length < unannounced.length;
  const covers = look.alerts.map(({ labels }) => labels).some(covering(watch.matchers));
  const removesSilence = look.isInForce && watch.untilRecovered && !covers && !isUnsure;

  const strings = byLanguage[routed.destination.language];
  const notice = removesSilence ? strings.recoveredAndRemoved : strings.recovered;
  const stillFiring = look.isInForce ? [] : alerts.flatMap((one) => firingAgain(one));
  const notifications = [
    ...(recovered.length > 0 ? [recoveryOf(routed, recovered, notice)] : []),
    ...(stillFiring.length > 0 ? [reminderOf({ routed, alerts: stillFiring, notice: strings.ended, watch })] : []),
  ];
  const hasEnded = removesSilence || (!look.isInForce && !isUnsure);
  const next = {
    ...watch,
    missing: missing.map(({ identity }) => identity),
    // One that fires again is a new one.
    recovered: missing.flatMap(({ identity }) =>
      watch.recovered.includes(identity) || recovered.some((one) => one.identity === identity) ? [identity] : [],
    ),
  };
  return { removesSilence, notifications, watch: hasEnded ? null : next, dueAt: dueAt(next, look, isUnsure) };
}

/** The end of the silence is not waited for longer than needed: the alert may still fire. */
function dueAt({ endsAt }: SilenceWatch, { now, isInForce }: SilenceLook, isUnsure: boolean): number {
  if (isUnsure) return now + missingMs;
  return isInForce && endsAt > now ? Math.min(now + watchEveryMs, endsAt + afterEndMs) : now + watchEveryMs;
}

function currentOf({ labels }: Alert, { alerts }: SilenceLook): CurrentAlert | null {
  return alerts.find((current) => hasExactly(current.labels, labels)) ?? null;
}

interface WatchedAlert {
  readonly alert: Alert;
  readonly current: CurrentAlert | null;
}

/** Another silence may still cover it, or another alert inhibit it: then nothing is sent. */
function firingAgain({ alert, current }: WatchedAlert): readonly Alert[] {
  if (current === null || current.silencedBy.length > 0 || current.isInhibited) return [];
  const startsAt = current.startsAt ?? alert.startsAt;
  const startsAtText = startsAt === alert.startsAt || startsAt === null ? alert.startsAtText : rfc3339(startsAt);
  return [{ ...alert, status: "firing", startsAt, startsAtText, endsAt: null, endsAtText: "" }];
}

function rfc3339(at: number): string {
  return new Date(at).toISOString();
}

/** An ordinary notification. When Alertmanager sends the recovery too, that is a duplicate. The time of the recovery is unknown. */
function recoveryOf(routed: RoutedGroup, alerts: readonly Alert[], notice: string): Notification {
  const resolved = alerts.map((alert): Alert => ({ ...alert, status: "resolved", endsAt: null, endsAtText: "" }));
  return identify({ ...ofAlerts(routed, resolved), notice });
}

interface Reminder {
  readonly routed: RoutedGroup;
  readonly alerts: readonly Alert[];
  readonly notice: string;
  readonly watch: SilenceWatch;
}

/** The same state was accepted before the silence, so it has a key of its own. */
function reminderOf({ routed, alerts, notice, watch }: Reminder): Notification {
  const states = alerts.map(({ identity, startsAt }) => `${identity} ${startsAt}`).toSorted();
  return { ...identify({ ...ofAlerts(routed, alerts), notice }), dedupKey: identityHash([watch.id, states]) };
}

function ofAlerts(routed: RoutedGroup, alerts: readonly Alert[]): RoutedGroup {
  const { group, routes } = routed;
  const routeOf = ({ identity }: Alert) => routes[group.alerts.findIndex((alert) => alert.identity === identity)] ?? "";
  return {
    ...routed,
    routes: routes.length === group.alerts.length ? alerts.map(routeOf) : routes,
    group: {
      ...group,
      alerts,
      status: groupStatus(alerts),
      ...commonOf(alerts),
      truncatedAlerts: 0,
      notificationReason: null,
      title: "",
      message: "",
    },
  };
}

const zh = {
  recovered: "静默期间已恢复",
  recoveredAndRemoved: "静默期间已恢复，静默已解除",
  ended: "静默已结束，仍在告警",
};

const en: typeof zh = {
  recovered: "Recovered while it was silenced",
  recoveredAndRemoved: "Recovered while it was silenced; the silence is removed",
  ended: "The silence has ended; the alert still fires",
};

const byLanguage: Readonly<Record<Language, typeof zh>> = { zh, en };
