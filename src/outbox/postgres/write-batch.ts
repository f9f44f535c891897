// The changes that one statement can write. All parts of a statement see the rows as they were before it, and no two may write the same
// row. So what writes a row again goes into a following statement.

import { type HeldChange, type LaneChange, type LaneFacts, noChange } from "../lane-change.ts";

/** What a lane's changes make of it, from the version that its holder knows of. */
export interface LaneMove {
  readonly bot: string;
  readonly version: number;
  readonly next_version: number;
  readonly normal_at: number;
  readonly urgent_at: number;
}

/** Written only if the lane is still at its version: `lane` is the index in `lanes`. */
export type InLane<Row> = Row & { readonly lane: number };

interface BatchedChange {
  /** Its place in the call. */
  readonly n: number;
  readonly facts: LaneFacts;
  readonly held: HeldChange;
  /** Null for facts alone. */
  readonly lane: number | null;
  /** With which its attempt begins; null when none does. A batch has one of each. */
  readonly markedKey: string | null;
}

export class WriteBatch {
  readonly lanes: LaneMove[] = [];
  readonly changes: BatchedChange[] = [];
  readonly #laneOf = new Map<string, number>();
  readonly #rows = new Set<string>();

  constructor(first: LaneChange, n: number) {
    this.add(first, n);
  }

  /** False, and nothing is added, when the change cannot be in this statement. */
  add({ bot, facts, held: change }: LaneChange, n: number): boolean {
    const held = change ?? noChange;
    const rows = writtenRows(facts, held);
    if (!this.#follows(bot, change) || rows.some((row) => this.#rows.has(row))) return false;
    for (const row of rows) this.#rows.add(row);
    const lane = change === null ? null : this.#moveOn(bot, change);
    this.changes.push({ n, facts, held, lane, markedKey: held.mark?.attempt.key_id ?? null });
    return true;
  }

  facts<Row>(of: (facts: LaneFacts) => readonly Row[]): readonly Row[] {
    return this.changes.flatMap(({ facts }) => of(facts));
  }

  held<Row extends object>(of: (held: HeldChange) => readonly Row[]): readonly InLane<Row>[] {
    return this.changes.flatMap(({ held, lane }) => (lane === null ? [] : of(held).map((row) => ({ ...row, lane }))));
  }

  #follows(bot: string, held: HeldChange | null): boolean {
    const lane = this.lanes[this.#laneOf.get(bot) ?? -1];
    return held === null || lane === undefined || lane.next_version === held.version;
  }

  #moveOn(bot: string, { version, nextVersion, normalAt, urgentAt }: HeldChange): number {
    const index = this.#laneOf.get(bot) ?? this.lanes.length;
    const before = this.lanes[index] ?? { version, normal_at: 0, urgent_at: 0 };
    this.#laneOf.set(bot, index);
    this.lanes[index] = {
      bot,
      version: before.version,
      next_version: nextVersion,
      normal_at: Math.max(before.normal_at, normalAt),
      urgent_at: Math.max(before.urgent_at, urgentAt),
    };
    return index;
  }
}

/** In as few statements as can write them; those of a lane stay in their order. */
export function batchesOf(changes: readonly LaneChange[]): readonly WriteBatch[] {
  const batches: WriteBatch[] = [];
  const lastOf = new Map<string, number>();
  for (const [n, change] of changes.entries()) {
    let place = lastOf.get(change.bot) ?? 0;
    while (batches[place]?.add(change, n) === false) place += 1;
    if (place === batches.length) batches.push(new WriteBatch(change, n));
    lastOf.set(change.bot, place);
  }
  return batches;
}

/** Names of the rows that are written. A mark also reads its message: one that leaves by the same statement would still be there. */
function writtenRows(facts: LaneFacts, held: HeldChange): readonly string[] {
  const { mark } = held;
  const gone = [...facts.sent, ...held.goneMessages];
  const messages = [...facts.doubted, ...[...held.newMessages, ...held.changedMessages].map(({ id }) => id), ...gone];
  const deliveries = [
    ...[...held.newDeliveries, ...held.changedDeliveries].map(({ id }) => id),
    ...held.goneDeliveries,
  ];
  return [
    ...facts.answered.map(({ id }) => `attempt ${id}`),
    ...messages.map((id) => `message ${id}`),
    ...gone.map((id) => `place of ${id}`),
    ...deliveries.map((id) => `delivery ${id}`),
    ...held.states.map((row) => `state ${row.bot} ${row.destination} ${row.identity} ${row.origin}`),
    ...held.keys.map(({ key_id }) => `key ${key_id}`),
    ...held.newMedia.map(({ hash }) => `file ${hash}`),
    ...held.mediaIds.map((row) => `media ${row.key_id} ${row.media_hash}`),
    ...(mark === null ? [] : [`window ${mark.attempt.key_id}`]),
    ...(mark === null || mark.attempt.message_id === null ? [] : [`place of ${mark.attempt.message_id}`]),
  ];
}
