// Checks the promises against the evidence. A message is identified by its whole text: no two deliveries share an alert, so the same
// text again is the same message again.

import { type Evidence, identityOf, type Shown, type Stored } from "./evidence.ts";
import type { Trouble } from "./trouble.ts";

export interface Repeat {
  readonly robot: string;
  readonly firstAt: number;
  readonly again: readonly Shown[];
  /** The outbox marked the first one as possibly delivered. */
  readonly inDoubt: boolean;
  /** The trouble during which the first one arrived. */
  readonly during: Trouble | null;
  readonly text: string;
}

export interface Judgement {
  readonly undelivered: readonly string[];
  /** Alerts that are in messages of two deliveries. */
  readonly deliveredTwice: readonly string[];
  readonly repeats: readonly Repeat[];
  /** The most repeats of one key, in total and during one trouble. */
  readonly mostPerKey: number;
  readonly mostPerTrouble: number;
  readonly severalParts: number;
  /** Deliveries whose parts arrived, or are numbered, in another order than planned. */
  readonly disordered: readonly number[];
  /** Messages that a robot accepted and the outbox does not know. */
  readonly unknown: number;
}

export interface Given extends Evidence {
  readonly accepted: readonly string[];
  readonly idPattern: RegExp;
  readonly troubles: readonly Trouble[];
}

export function judge(given: Given): Judgement {
  const { accepted, shown, stored, idPattern } = given;
  const arrived = new Set(shown.flatMap(({ text }) => text.match(idPattern) ?? []));
  const known = new Map(stored.map((message) => [identityOf({ ...message, robot: message.bot }), message]));
  const copies = Map.groupBy(shown, identityOf);
  const repeats = [...copies].flatMap(([identity, all]) => repeatOf(all, known.get(identity), given.troubles));
  const deliveries = Map.groupBy(stored, ({ deliveryId }) => deliveryId);
  const several = [...deliveries].filter(([, parts]) => parts.length > 1);
  const caused = repeats.filter(({ during }) => during !== null);
  return {
    undelivered: accepted.filter((id) => !arrived.has(id)),
    deliveredTwice: idsOfTwo(stored, idPattern),
    repeats,
    mostPerKey: mostTogether(repeats, ({ robot }) => robot),
    mostPerTrouble: mostTogether(caused, ({ robot, during }) => `${robot} ${during?.fromAt}`),
    severalParts: several.length,
    disordered: several.filter(([, parts]) => !inOrder(parts, copies)).map(([id]) => id),
    unknown: [...copies.keys()].filter((identity) => !known.has(identity)).length,
  };
}

function repeatOf(
  copies: readonly Shown[],
  stored: Stored | undefined,
  troubles: readonly Trouble[],
): readonly Repeat[] {
  const [first, ...again] = copies;
  if (first === undefined || again.length === 0) return [];
  const { robot, at: firstAt, text } = first;
  const during = troubleAt(troubles, firstAt) ?? null;
  return [{ robot, firstAt, again, inDoubt: stored?.inDoubt ?? false, during, text }];
}

/** A trouble may lose the answer to a message that arrived this long before it. Longer than robots and a busy machine take to answer. */
const answerMs = 10_000;

function troubleAt(troubles: readonly Trouble[], at: number): Trouble | undefined {
  return troubles.find(({ fromAt, toAt }) => at >= fromAt - answerMs && at <= toAt + answerMs);
}

function mostTogether(repeats: readonly Repeat[], by: (repeat: Repeat) => string): number {
  const counts = [...Map.groupBy(repeats, by).values()].map((some) => some.flatMap(({ again }) => again).length);
  return Math.max(0, ...counts);
}

function idsOfTwo(stored: readonly Stored[], idPattern: RegExp): readonly string[] {
  const deliveryOf = new Map<string, number>();
  const twice = new Set<string>();
  for (const { text, deliveryId } of stored) {
    for (const id of text.match(idPattern) ?? []) {
      if ((deliveryOf.get(id) ?? deliveryId) !== deliveryId) twice.add(id);
      deliveryOf.set(id, deliveryId);
    }
  }
  return [...twice];
}

/** True if every copy of a part arrived before the first copy of the next part, and part numbers rise in this order. */
function inOrder(parts: readonly Stored[], copies: ReadonlyMap<string, readonly Shown[]>): boolean {
  const planned = parts.toSorted((a, b) => a.place - b.place);
  const arrivals = planned.map((part) =>
    (copies.get(identityOf({ ...part, robot: part.bot })) ?? []).map(({ at }) => at),
  );
  const apart = arrivals.every((times, n) => n === 0 || Math.max(...(arrivals[n - 1] ?? [])) <= Math.min(...times));
  const numbers = planned.flatMap(({ text }) => /（(\d+)\/\d+）/u.exec(text)?.[1] ?? []).map(Number);
  return apart && numbers.every((number, n) => number === n + 1);
}
