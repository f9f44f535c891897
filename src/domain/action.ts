// What people do about alerts from the link in a message, as the outbox keeps it.

import type { Alert, AlertGroup } from "./alert.ts";
import type { AlertState } from "./instance.ts";

/** Somebody works on an alert. */
export interface Acknowledgement {
  /** Of the destination whose message was acknowledged: other groups are not affected. */
  readonly bot: string;
  /** Of the alert. */
  readonly identity: string;
  /** Of the alert: when it fires again it has another one, and is not acknowledged. */
  readonly startsAt: number;
  /** Who, as it is shown. */
  readonly by: string;
  readonly acknowledgedAt: number;
}

/** An acknowledgement counts for so long: people forget what they began. */
export const acknowledgedMs = 4 * 3_600_000;

/** Without a start, or an identity that is sure, a later alert could be taken for this one. */
export function isAcknowledgeable(alert: Alert, { lossyBody }: AlertGroup): boolean {
  return alert.status === "firing" && alert.startsAt !== null && lossyBody === null;
}

/** Null for an alert that is not acknowledged, or has recovered. */
export function acknowledgementOf(state: AlertState, given: readonly Acknowledgement[]): Acknowledgement | null {
  if (state.status !== "firing") return null;
  return given.findLast(({ identity, startsAt }) => identity === state.identity && startsAt === state.startsAt) ?? null;
}

export interface AcknowledgementQuery {
  readonly bot: string;
  readonly now: number;
}

/** A matcher of a silence, with Alertmanager's meaning. */
export interface LabelMatcher {
  readonly name: string;
  readonly op: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

/** A silence that somebody set here, until it has ended and all about it is announced. */
export interface SilenceWatch {
  /** Unique, and part of the comment of the silence: by it the silence is found when its own id was not stored. */
  readonly id: string;
  /** Name of the entry of `alertmanagers`. */
  readonly alertmanager: string;
  /** Null until the answer of Alertmanager is stored. */
  readonly silenceId: string | null;
  /** Of the silence. */
  readonly matchers: readonly LabelMatcher[];
  /** When the silence ends by itself. */
  readonly endsAt: number;
  /** The silence is removed once nothing matches it any more. */
  readonly untilRecovered: boolean;
  /** Says in the group that the silence was set. Empty once that is accepted. */
  readonly notice: string;
  /** The silenced alerts and their destination, as the outbox stores a routed group. */
  readonly body: string;
  /** Identities of alerts that Alertmanager did not have when it was last asked. */
  readonly missing: readonly string[];
  /** Identities of alerts of which the recovery is announced. */
  readonly recovered: readonly string[];
}

/** How often a silence is looked at. */
export const watchEveryMs = 60_000;

/**
 * The result of a look at a silence: it was announced late, an alert under it has recovered, it was removed, it has ended and an alert
 * still fires; Alertmanager did not answer, or for so long that it is not asked again.
 */
export const followUpResults = ["announced", "recovered", "removed", "stillFiring", "noAnswer", "gaveUp"] as const;

export type FollowUpResult = (typeof followUpResults)[number];

/** The groups of a message with a link. */
export interface LinkedGroups {
  /** The bot that delivers it, or has. */
  readonly bot: string;
  /** Routed groups, for parseRoutedGroup, oldest first, at least one. */
  readonly bodies: readonly string[];
}

/** Read and written only where people act, or where an alert may have been acknowledged. */
export interface ActionStore {
  /** The notification whose id is in a link, and all others of its delivery, waiting or in the history. Null when it is pruned. */
  linkedGroups(id: number): Promise<LinkedGroups | null>;

  /** A later one of the same alert replaces the earlier one. */
  acknowledge(acknowledgements: readonly Acknowledgement[]): Promise<void>;

  /** Those that still count at `now`, the last one last; an alert has one for each start. */
  acknowledgements(query: AcknowledgementQuery): Promise<readonly Acknowledgement[]>;

  /** Stores the watch, or what it is now, and until when it rests. */
  watchSilence(watch: SilenceWatch, dueAt: number): Promise<void>;

  /** Those that are due rest for `watchEveryMs` from now on: of several processes, one gets each. The first ones when there are many. */
  takeDueWatches(now: number): Promise<readonly SilenceWatch[]>;

  endWatch(id: string): Promise<void>;
}
