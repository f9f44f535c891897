// The memory for bodies: one pool for the process, whatever configuration a request came to. Nobody can keep it from others: when
// it is full, the slowest body is cut, then one of a sender that holds more than the newcomer. Small bodies have a part of their own.

import type { BodyShares } from "../domain/memory-shares.ts";
import type { CutReason } from "../observe/metrics.ts";
import { createByteGate } from "./byte-gate.ts";

export interface BodySender {
  readonly address: string;
  readonly hook: string;
  /** False while only a signature of the body can show that its sender may post: such bodies get half of the pool. */
  readonly proven: boolean;
}

export interface BodyPool {
  /**
   * `onCut` is called at most once, before the body has arrived: `slow` when it takes too long for any sender, `displaced` when
   * others needed its room.
   */
  open(sender: BodySender, onCut: (reason: CutReason) => void): PooledBody;
}

export interface PooledBody {
  /** Counts bytes that arrived or were decompressed. False, and counts nothing, when there is no room or the body was cut. */
  take(bytes: number): boolean;
  /** All of it has arrived: what takes time from now on is not its sender's fault. */
  arrived(): void;
  /** Resolves when it may be parsed, in the order of the calls. */
  parsing(): Promise<void>;
  /** Returns all that was taken. */
  release(): void;
}

const smallBodyBytes = 64 * 1024;

/** 64 kbit/s. A slower body is cut when others need its room, and in any case when it is `toleranceMs` behind this rate. */
const leastBytesPerMs = 8;
/** What a body may stand still without being slow. */
const creditMs = 2_000;
const toleranceMs = 10_000;
/** A body that takes longer to arrive is cut, however fast it is. */
const defaultTimeoutMs = 30_000;
const sweepEveryMs = 1_000;

interface OpenBody extends BodySender {
  readonly openedAt: number;
  readonly cut: (reason: CutReason) => void;
  parts: readonly Part[];
  bytes: number;
  /** It is slow when more of it does not arrive until then; infinite when all has arrived. */
  dueAt: number;
  /** The last sweep found it too slow. If this process was busy, its bytes are read before the next sweep. */
  suspect: boolean;
}

interface Part {
  /** Whether any body that still arrives makes way for a new one. */
  readonly always: boolean;
  readonly maxBytes: number;
  readonly bodies: Set<OpenBody>;
  bytes: number;
}

/** @param now in ms, of a clock that keeps pace with the network */
export function createBodyPool(
  { largeBytes, smallBytes, parsedBytes }: BodyShares,
  { timeoutMs = defaultTimeoutMs, now = () => performance.now() } = {},
): BodyPool {
  const part = (maxBytes: number, always: boolean): Part => ({ maxBytes, always, bodies: new Set(), bytes: 0 });
  const small = { all: part(smallBytes, true), unproven: part(smallBytes / 2, true) };
  const large = { all: part(largeBytes, false), unproven: part(largeBytes / 2, false) };
  const parser = createByteGate(parsedBytes);
  const open = new Set<OpenBody>();
  let sweeping: NodeJS.Timeout | undefined;

  const partsOf = ({ proven }: OpenBody, bytes: number): readonly Part[] => {
    const { all, unproven } = bytes > smallBodyBytes ? large : small;
    return proven ? [all] : [unproven, all];
  };
  const close = (body: OpenBody) => {
    leave(body);
    open.delete(body);
    if (open.size === 0) clearInterval(sweeping);
  };
  const cut = (body: OpenBody, reason: CutReason) => {
    close(body);
    body.cut(reason);
  };
  const makeRoom = (wanted: Part, body: OpenBody, bytes: number): boolean => {
    while (!fits(wanted, body, bytes)) {
      const last = wanted.always ? slowest(wanted, body, Number.POSITIVE_INFINITY) : null;
      const victim = slowest(wanted, body, now()) ?? overShare(wanted, body, bytes) ?? last;
      if (victim === null) return false;
      cut(victim, "displaced");
    }
    return true;
  };
  const sweep = () => {
    for (const body of open) {
      if (body.dueAt === Number.POSITIVE_INFINITY) continue;
      const isOver = now() - body.openedAt >= timeoutMs || now() - body.dueAt >= toleranceMs;
      if (isOver && body.suspect) cut(body, "slow");
      body.suspect = isOver;
    }
  };

  return {
    open(sender, onCut) {
      const openedAt = now();
      const state = { parts: [], bytes: 0, dueAt: openedAt + creditMs, suspect: false };
      const body: OpenBody = { ...sender, openedAt, cut: onCut, ...state };
      if (open.size === 0) sweeping = setInterval(sweep, Math.min(sweepEveryMs, timeoutMs / 2)).unref();
      open.add(body);
      let leaveParser = () => {};
      return {
        take(bytes) {
          const total = body.bytes + bytes;
          if (!open.has(body)) return false;
          const wanted = partsOf(body, total);
          if (!wanted.every((one) => makeRoom(one, body, total))) return false;
          leave(body);
          enter(body, wanted, total);
          body.dueAt = Math.min(body.dueAt + bytes / leastBytesPerMs, Math.max(body.dueAt, now() + creditMs));
          return true;
        },
        arrived() {
          body.dueAt = Number.POSITIVE_INFINITY;
        },
        async parsing() {
          leaveParser = await parser(body.bytes);
        },
        release() {
          close(body);
          leaveParser();
        },
      };
    },
  };
}

function leave(body: OpenBody): void {
  for (const part of body.parts) {
    part.bodies.delete(body);
    part.bytes -= body.bytes;
  }
  body.parts = [];
}

function enter(body: OpenBody, parts: readonly Part[], bytes: number): void {
  for (const part of parts) {
    part.bodies.add(body);
    part.bytes += bytes;
  }
  body.parts = parts;
  body.bytes = bytes;
}

function fits(part: Part, body: OpenBody, bytes: number): boolean {
  const others = part.bytes - (part.bodies.has(body) ? body.bytes : 0);
  if (others + bytes <= part.maxBytes) return true;
  const largest = Math.max(bytes, largestOf(part, body)?.bytes ?? 0);
  return others + bytes - largest <= part.maxBytes;
}

function largestOf(part: Part, except: OpenBody): OpenBody | null {
  return first(rivalsIn(part, except), (one, other) => other.bytes - one.bytes);
}

/** Of those that were due before `at`. */
function slowest(part: Part, newcomer: OpenBody, at: number): OpenBody | null {
  const slow = rivalsIn(part, newcomer).filter(({ dueAt }) => dueAt < at);
  return first(slow, (one, other) => one.dueAt - other.dueAt);
}

/**
 * A body of the address that holds the most, if that is more than the newcomer's address holds; else the same among the hooks of
 * the newcomer's address. The largest body does not count, so it takes no room from the newcomer.
 */
function overShare(part: Part, newcomer: OpenBody, bytes: number): OpenBody | null {
  const largest = largestOf(part, newcomer);
  const rivals = rivalsIn(part, newcomer).filter((body) => body !== largest || body.bytes <= bytes);
  const neighbours = rivals.filter(({ address }) => address === newcomer.address);
  return (
    ofHeaviest(rivals, ({ address }) => address, { newcomer, bytes }) ??
    ofHeaviest(neighbours, ({ hook }) => hook, { newcomer, bytes })
  );
}

/** Of those that hold more than the newcomer's own kind. */
function ofHeaviest(
  rivals: readonly OpenBody[],
  kindOf: (body: OpenBody) => string,
  { newcomer, bytes }: { readonly newcomer: OpenBody; readonly bytes: number },
): OpenBody | null {
  const own = kindOf(newcomer);
  const held = new Map([[own, bytes]]);
  for (const rival of rivals) held.set(kindOf(rival), (held.get(kindOf(rival)) ?? 0) + rival.bytes);
  const weight = (body: OpenBody) => held.get(kindOf(body)) ?? 0;
  const heavier = rivals.filter((body) => Number.isFinite(body.dueAt) && weight(body) > (held.get(own) ?? 0));
  return first(heavier, (one, other) => weight(other) - weight(one) || one.dueAt - other.dueAt);
}

function rivalsIn(part: Part, newcomer: OpenBody): readonly OpenBody[] {
  return [...part.bodies].filter((body) => body !== newcomer);
}

/** The first in an order; null when there is none. */
function first(bodies: readonly OpenBody[], order: (one: OpenBody, other: OpenBody) => number): OpenBody | null {
  return bodies.reduce<OpenBody | null>((best, body) => (best === null || order(body, best) < 0 ? body : best), null);
}
