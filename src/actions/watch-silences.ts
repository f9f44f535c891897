// Looks at the silences that were set on the phone page, until they have ended and everything about them is announced. If we die at
// any line, the watch is still on disk, and what was accepted before is a duplicate the next time.

import type { ActionStore, FollowUpResult, SilenceWatch } from "../domain/action.ts";
import { type Notification, parseRoutedGroup } from "../domain/notification.ts";
import type { AlertmanagerClient, AlertmanagerReply } from "./alertmanager.ts";
import type { CurrentAlert } from "./alertmanager-answers.ts";
import { announcementOf } from "./announcement.ts";
import { followUp } from "./follow-up.ts";
import { alertFilters } from "./silence.ts";

export type SilenceReader = Pick<AlertmanagerClient, "alerts" | "silence" | "expireSilence">;

export interface WatchDeps {
  readonly store: Pick<ActionStore, "takeDueWatches" | "watchSilence" | "endWatch">;
  /** Throws when one is not on disk. */
  readonly accept: (notifications: readonly Notification[]) => Promise<void>;
  /** Null for one that the config no longer names. */
  readonly clientOf: (alertmanager: string) => SilenceReader | null;
  /** Of the outbox. */
  readonly now: () => number;
  /** @param detail the code of a failure; empty for others */
  readonly report: (result: FollowUpResult, watch: SilenceWatch, detail: string) => void;
  /** Called with what kept a watch from being followed up, like an outbox that is away. */
  readonly failed: (cause: unknown) => void;
  /** When it aborts, the watches that are left are looked at after the next start. */
  readonly stopping: AbortSignal;
}

/** Of one question. */
const deadlineMs = 4_000;

/** How long after the end of a silence an Alertmanager that does not answer is asked. */
const giveUpAfterMs = 3_600_000;

/** One after the other. An Alertmanager that does not answer is not asked again in this round; the watches are due again in a minute. */
export async function lookAtDueWatches(deps: WatchDeps): Promise<void> {
  const away = new Set<string>();
  for (const watch of await deps.store.takeDueWatches(deps.now())) {
    if (deps.stopping.aborted) return;
    if (away.has(watch.alertmanager)) continue;
    try {
      const failure = await lookAtWatch(watch, deps);
      // The clients are closed when the service stops: that is no answer of Alertmanager.
      if (failure === null || deps.stopping.aborted) continue;
      if (failure.isAway) away.add(watch.alertmanager);
      await waitOrGiveUp(watch, failure.code, deps);
    } catch (cause) {
      if (!deps.stopping.aborted) deps.failed(cause);
    }
  }
}

async function waitOrGiveUp(watch: SilenceWatch, failure: string, { store, now, report }: WatchDeps): Promise<void> {
  const isOver = now() > watch.endsAt + giveUpAfterMs;
  if (isOver) await store.endWatch(watch.id);
  report(isOver ? "gaveUp" : "noAnswer", watch, failure);
}

interface LookFailure {
  readonly code: string;
  /** It would not answer about other silences either. What it rejects is only this question. */
  readonly isAway: boolean;
}

/** Returns why Alertmanager could not be asked; null when it answered. */
async function lookAtWatch(given: SilenceWatch, deps: WatchDeps): Promise<LookFailure | null> {
  const client = deps.clientOf(given.alertmanager);
  if (client === null) return { code: "UNKNOWN_ALERTMANAGER", isAway: true };
  const alerts = await client.alerts(alertFilters(given.matchers), deadlineMs);
  if (alerts.kind !== "answered") return lookFailureOf(alerts);
  const watch = given.silenceId === null ? await announceLate(given, { client, alerts: alerts.value }, deps) : given;
  // It was never made, or it is not seen yet.
  if (watch === null) return null;
  const silence = await client.silence(watch.silenceId ?? "", deadlineMs);
  if (silence.kind !== "answered" && !isUnknown(silence)) return lookFailureOf(silence);

  const isInForce = silence.kind === "answered" && silence.value.isActive;
  const next = followUp(watch, { now: deps.now(), isInForce, alerts: alerts.value });
  if (next.removesSilence) {
    const removed = await client.expireSilence(watch.silenceId ?? "", deadlineMs);
    if (removed.kind !== "answered" && !isUnknown(removed)) return lookFailureOf(removed);
    deps.report("removed", watch, "");
  }
  if (next.notifications.length > 0) await deps.accept(next.notifications);
  for (const { routed } of next.notifications) {
    deps.report(routed.group.status === "firing" ? "stillFiring" : "recovered", watch, "");
  }
  if (next.watch === null) await deps.store.endWatch(watch.id);
  else await deps.store.watchSilence(next.watch, next.dueAt);
  return null;
}

interface SilencesOf {
  readonly client: SilenceReader;
  readonly alerts: readonly CurrentAlert[];
}

/** We died between the silence and its announcement: it has the id of the watch in its comment. Null when there is none. */
async function announceLate(
  watch: SilenceWatch,
  { client, alerts }: SilencesOf,
  deps: WatchDeps,
): Promise<SilenceWatch | null> {
  const silenceId = await silenceOf(watch, { client, alerts });
  if (silenceId === null) {
    if (deps.now() > watch.endsAt) await deps.store.endWatch(watch.id);
    return null;
  }
  const routed = parseRoutedGroup(watch.body);
  const { notice, id: key } = watch;
  await deps.accept([announcementOf({ routed, alerts: routed.group.alerts, notice, key })]);
  deps.report("announced", watch, "");
  return { ...watch, silenceId, notice: "" };
}

/** An alert is rarely covered by more. */
const mostSilences = 20;

async function silenceOf({ id }: SilenceWatch, { client, alerts }: SilencesOf): Promise<string | null> {
  const ids = [...new Set(alerts.flatMap(({ silencedBy }) => silencedBy))].slice(0, mostSilences);
  for (const silenceId of ids) {
    const reply = await client.silence(silenceId, deadlineMs);
    if (reply.kind === "answered" && reply.value.comment.includes(id)) return silenceId;
  }
  return null;
}

/** Alertmanager forgets a silence some days after its end. */
function isUnknown<T>(reply: AlertmanagerReply<T>): boolean {
  return reply.kind === "rejected" && reply.status === 404;
}

function lookFailureOf<T>(reply: Exclude<AlertmanagerReply<T>, { readonly kind: "answered" }>): LookFailure {
  if (reply.kind === "rejected") return { code: `HTTP_${reply.status}`, isAway: false };
  return { code: reply.code, isAway: true };
}
