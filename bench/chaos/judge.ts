// Whether the promises were kept, from the evidence alone. Pure. Messages are told apart by their whole text: no two deliveries have one
// alert in common, so the same text again is the same message again.

import type { Evidence, Shown, Stored } from "./evidence.ts";
import type { Trouble } from "./trouble.ts";

export interface Repeat {
  readonly robot: string;
  readonly firstAt: number;
  readonly again: readonly Shown[];
  /** The outbox knows that the first may have been delivered. */
  readonly inDoubt: boolean;
  /** What was going on when the first arrived. */
  readonly during: Trouble | null;
  readonly text: string;
}

export interface Judgement {
  readonly undelivered: readonly string[];
  /** Alerts that stand in messages of two deliveries. */
  readonly deliveredTwice: readonly string[];
  readonly repeats: readonly Repeat[];
  /** Most repeats of one key, in all and by one trouble. */
  readonly mostPerKey: number;
  readonly mostPerTrouble: number;
  readonly severalParts: number;
  /** Deliveries whose parts arrived in another order, or are numbered in another order, than they were planned in. */
  readonly disordered: readonly number[];
  /** Accepted by a robot, and unknown to the outbox. */
  readonly unknown: number;
}

export interface Given extends Evidence {
  readonly accepted: readonly string[];
  readonly idPattern: RegExp;
  readonly troubles: readonly Trouble[];
}

export function judge(given: Given): Judgement {
  const { accepted, shown, stored, idPattern } = given;
  const told = new Set(shown.flatMap(({ text }) => text.match(idPattern) ?? []));
  const known = new Map(stored.map((message) => [identityOf(message.bot, message), message]));
  const copies = Map.groupBy(shown, (message) => identityOf(message.robot, message));
  const repeats = [...copies].flatMap(([identity, all]) => repeatOf(all, known.get(identity), given.troubles));
  const deliveries = Map.groupBy(stored, ({ deliveryId }) => deliveryId);
  const several = [...deliveries].filter(([, parts]) => parts.length > 1);
  const caused = repeats.filter(({ during }) => during !== null);
  return {
    undelivered: accepted.filter((id) => !told.has(id)),
    deliveredTwice: idsOfTwo(stored, idPattern),
    repeats,
    mostPerKey: mostTogether(repeats, ({ robot }) => robot),
    mostPerTrouble: mostTogether(caused, ({ robot, during }) => `${robot} ${during?.fromAt}`),
    severalParts: several.length,
    disordered: several.filter(([, parts]) => !inOrder(parts, copies)).map(([id]) => id),
    unknown: [...copies.keys()].filter((identity) => !known.has(identity)).length,
  };
}

function identityOf(bot: string, { isFile, text }: Pick<Shown, "isFile" | "text">): string {
  return JSON.stringify([bot, isFile, text]);
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

/** The answer to what arrived this long before may be what the trouble swallowed: simulated ms, and more than robots and a busy machine take to answer. */
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

/** Every copy of a part arrived before the first of the next part, and what is numbered is numbered in this order. */
function inOrder(parts: readonly Stored[], copies: ReadonlyMap<string, readonly Shown[]>): boolean {
  const planned = parts.toSorted((a, b) => a.place - b.place);
  const arrivals = planned.map((part) => (copies.get(identityOf(part.bot, part)) ?? []).map(({ at }) => at));
  const apart = arrivals.every((times, n) => n === 0 || Math.max(...(arrivals[n - 1] ?? [])) <= Math.min(...times));
  const numbers = planned.flatMap(({ text }) => /（(\d+)\/\d+）/u.exec(text)?.[1] ?? []).map(Number);
  return apart && numbers.every((number, n) => number === n + 1);
}
