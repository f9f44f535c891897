// The one decision of the worker: from all that is known of a lane, its next step. Pure; the worker only carries it out.

import type { LaneWork, WaitingMessage } from "../outbox/store.ts";
import { type PlannedTelling, plan } from "../plan/plan.ts";
import { chooseKey } from "./keys.ts";

export interface Lane {
  readonly work: LaneWork;
  /** Keys of the bot, in the order of the config. */
  readonly keyIds: readonly string[];
  readonly now: number;
  readonly maxAgeMs: number;
}

export type Step =
  /** A predecessor died with a request in flight: record that its answer will never be seen. */
  | { readonly kind: "discover" }
  /** Take a telling back to be planned anew: it has grown late, or no key can carry it for now. */
  | { readonly kind: "retract"; readonly tellingId: number }
  | { readonly kind: "plan"; readonly telling: PlannedTelling }
  | { readonly kind: "send"; readonly message: WaitingMessage; readonly keyId: string }
  | Rest;

/** Nothing to do before `untilAt` (null: for ever). New work ends the rest earlier only if it could leave at once. */
export interface Rest {
  readonly kind: "rest";
  readonly untilAt: number | null;
  readonly endsWithWork: boolean;
}

export function nextStep(lane: Lane): Step {
  const { work, keyIds, now } = lane;
  if (work.messages.some((message) => message.state === "sending")) return { kind: "discover" };

  const key = chooseKey({ keyIds, states: work.keys, attempts: work.attempts, now });
  const retractable = firstToRetract(lane, key.kind === "none" && key.allOff);
  if (retractable !== undefined) return { kind: "retract", tellingId: retractable.tellingId };

  const heads = headsOfTellings(work.messages);
  const eligible = heads.filter((message) => message.notBeforeAt <= now);
  const tellings = planOf(lane);
  if (eligible.length === 0 && tellings.length === 0) return rest(earliest(heads));
  if (key.kind === "none") return { ...rest(key.untilAt), endsWithWork: false };
  return choose(eligible, tellings, key.keyId);
}

/** Urgent before the rest; in each, what is materialised before what is not. */
function choose(eligible: readonly WaitingMessage[], tellings: readonly PlannedTelling[], keyId: string): Step {
  const urgentMessage = eligible.find((message) => message.urgent);
  if (urgentMessage !== undefined) return { kind: "send", message: urgentMessage, keyId };
  const telling = tellings[0];
  if (telling?.urgent) return { kind: "plan", telling };
  const message = eligible[0];
  if (message !== undefined) return { kind: "send", message, keyId };
  return telling === undefined ? rest(null) : { kind: "plan", telling };
}

function rest(untilAt: number | null): Rest {
  return { kind: "rest", untilAt, endsWithWork: true };
}

function planOf({ work, now, maxAgeMs }: Lane): readonly PlannedTelling[] {
  const busyGroups = new Set(work.messages.map((message) => message.groupId));
  return plan({ heads: work.pending, busyGroups, now, maxAgeMs });
}

/** Only the first open part of a telling may leave, and only of the first open telling of its group: a group reads in order. */
function headsOfTellings(messages: readonly WaitingMessage[]): readonly WaitingMessage[] {
  const groups = new Set<string>();
  return messages.filter((message) => {
    if (groups.has(message.groupId)) return false;
    groups.add(message.groupId);
    return true;
  });
}

/** What was never begun may still be told better: merged with what came meanwhile, and late ones said to be late. */
function firstToRetract({ work, now, maxAgeMs }: Lane, allKeysOff: boolean): WaitingMessage | undefined {
  return work.messages.find(
    (message) =>
      message.retractable && (allKeysOff || (message.form !== "late" && now - message.acceptedAt > maxAgeMs)),
  );
}

function earliest(messages: readonly WaitingMessage[]): number | null {
  return messages.length === 0 ? null : Math.min(...messages.map((message) => message.notBeforeAt));
}
