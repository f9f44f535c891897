// Who is on call. People take turns of equal length; an override replaces the person whose turn it is. The turns have no beginning
// and no end, so that at every instant there is exactly one shift. Handovers are in local time: a turn that begins at 09:00 begins
// at 09:00 in summer and in winter.

import { offsetsIn } from "../go-text/zone.ts";

/** What a config says. Local times are as `readLocalTime` has them. */
export interface RotationPlan {
  /** In the order of their turns, at least one. */
  readonly people: readonly string[];
  /** IANA name. */
  readonly timezone: string;
  /** Local time at which the first of them begins a turn. */
  readonly firstTurnAt: number;
  /** Of each turn, by local clocks. At least an hour. */
  readonly turnMs: number;
  /** None overlaps another. From and to are local times. */
  readonly overrides: readonly { readonly fromAt: number; readonly toAt: number; readonly who: string }[];
}

/** Plain data: it is also passed to threads. */
export interface Rotation extends Omit<RotationPlan, "overrides"> {
  /** In the order of time. */
  readonly overrides: readonly Shift[];
}

export interface Shift {
  readonly who: string;
  readonly isOverride: boolean;
  /** Epoch ms. */
  readonly startsAt: number;
  /** The next shift begins at this instant. */
  readonly endsAt: number;
}

const dayMs = 86_400_000;

/** Epoch ms of what a clock that shows UTC would call `2026-11-02 09:00`; null for what is no such time, like 30 February. */
export function readLocalTime(text: string): number | null {
  const [, date, time] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)$/.exec(text) ?? [];
  const at = Date.parse(`${date}T${time}Z`);
  // Date.parse reads 30 February as 2 March.
  return Number.isNaN(at) || new Date(at).toISOString() !== `${date}T${time}:00.000Z` ? null : at;
}

export function createRotation(plan: RotationPlan): Rotation {
  const offsetAt = offsetsOfZone(plan.timezone);
  const overrides = plan.overrides.map(({ fromAt, toAt, who }) => {
    return { who, isOverride: true, startsAt: instantOf(fromAt, offsetAt), endsAt: instantOf(toAt, offsetAt) };
  });
  return { ...plan, overrides: overrides.toSorted((a, b) => a.startsAt - b.startsAt || a.endsAt - b.endsAt) };
}

/** The shift that is on at this instant. An override cuts the turns around it. */
export function shiftAt(rotation: Rotation, at: number): Shift {
  const { overrides } = rotation;
  const override = overrides.find(({ startsAt, endsAt }) => startsAt <= at && at < endsAt);
  if (override !== undefined) return override;
  const turn = turnAt(rotation, at);
  const before = overrides.findLast(({ endsAt }) => endsAt <= at);
  const after = overrides.find(({ startsAt }) => startsAt > at);
  return {
    ...turn,
    startsAt: Math.max(turn.startsAt, before?.endsAt ?? turn.startsAt),
    endsAt: Math.min(turn.endsAt, after?.startsAt ?? turn.endsAt),
  };
}

/** The shifts that are on between two instants, in order; the first and the last reach beyond. */
export function shiftsBetween(rotation: Rotation, fromAt: number, toAt: number): readonly Shift[] {
  const shifts: Shift[] = [];
  for (let at = fromAt; at < toAt; at = shifts.at(-1)?.endsAt ?? toAt) shifts.push(shiftAt(rotation, at));
  return shifts;
}

/** The next shift of somebody else; null when there is none in the next 14 days, nor in a round of everybody's turns. */
export function nextHandover(rotation: Rotation, at: number): Shift | null {
  const { who, endsAt } = shiftAt(rotation, at);
  const round = rotation.people.length + 2 * rotation.overrides.length;
  let next = shiftAt(rotation, endsAt);
  for (let n = 0; next.who === who; n += 1) {
    if (n > round && next.endsAt > at + 14 * dayMs) return null;
    next = shiftAt(rotation, next.endsAt);
  }
  return next;
}

type OffsetOf = (at: number) => number;

function turnAt({ people, timezone, firstTurnAt, turnMs }: Rotation, at: number): Shift {
  const offsetAt = offsetsOfZone(timezone);
  const handover = (turn: number) => instantOf(firstTurnAt + turn * turnMs, offsetAt);
  let turn = Math.floor((at + offsetAt(at) - firstTurnAt) / turnMs);
  // Where clocks are put back, a turn that has begun is not undone while they show the hour before it again.
  while (handover(turn) > at) turn -= 1;
  while (handover(turn + 1) <= at) turn += 1;
  const place = ((turn % people.length) + people.length) % people.length;
  return { who: people[place] ?? "", isOverride: false, startsAt: handover(turn), endsAt: handover(turn + 1) };
}

/**
 * The first instant at which clocks show this local time or a later one. For a time that comes twice this is the first one, for a time
 * that is skipped the change itself. A later local time never has an earlier instant, so shifts do not overlap and have no gaps.
 */
function instantOf(local: number, offsetAt: OffsetOf): number {
  // No zone is a day away from UTC, and none changed twice within two days since 1990 (looked for in all zones of Intl).
  const [before, after] = [offsetAt(local - dayMs), offsetAt(local + dayMs)];
  if (offsetAt(local - before) === before) return local - before;
  if (offsetAt(local - after) === after) return local - after;
  return changeBetween(local - after, local - before, offsetAt);
}

/** By halving. Zones change at whole seconds. */
function changeBetween(early: number, late: number, offsetAt: OffsetOf): number {
  let [last, first] = [Math.floor(early / 1_000), Math.ceil(late / 1_000)];
  const old = offsetAt(last * 1_000);
  while (first - last > 1) {
    const middle = Math.floor((last + first) / 2);
    if (offsetAt(middle * 1_000) === old) last = middle;
    else first = middle;
  }
  return first * 1_000;
}

/** By name of the zone: Intl takes long to make a formatter. */
const knownZones = new Map<string, OffsetOf>();

/** In ms. */
function offsetsOfZone(timezone: string): OffsetOf {
  const known = knownZones.get(timezone);
  if (known !== undefined) return known;
  const offsets = offsetsIn(timezone);
  const offsetAt = (at: number) => offsets(Math.floor(at / 1_000)) * 1_000;
  knownZones.set(timezone, offsetAt);
  return offsetAt;
}
