// Places of labels, so that none hides another.

import type { Rect } from "./svg-elements.ts";

interface LineBounds {
  readonly from: number;
  readonly to: number;
}

const gap = 18;

/** Start of each label on a line: centred at `at`, in their order, inside `bounds` as long as they fit there. */
export function placedInLine(labels: readonly { readonly at: number; readonly width: number }[], bounds: LineBounds) {
  const starts = labels.map(({ at, width }) => at - width / 2);
  let least = bounds.from;
  for (const [n, { width }] of labels.entries()) {
    starts[n] = Math.max(starts[n] ?? 0, least);
    least = (starts[n] ?? 0) + width + gap;
  }
  let most = bounds.to;
  for (const [n, { width }] of [...labels.entries()].toReversed()) {
    starts[n] = Math.max(Math.min(starts[n] ?? 0, most - width), bounds.from);
    most = (starts[n] ?? 0) - gap;
  }
  return starts;
}

/** Of the possible places the first that hides least: other labels first of all, then points of curves. */
export function leastHiding(
  places: readonly Rect[],
  labels: readonly Rect[],
  points: readonly (readonly [x: number, y: number])[],
): Rect | null {
  let best: Rect | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const place of places) {
    const hidden = points.filter(([x, y]) => contains(place, x, y)).length;
    const cost = hidden + labels.filter((label) => overlap(place, label)).length * (points.length + 1);
    if (cost < least) [best, least] = [place, cost];
  }
  return best;
}

function contains({ x, y, width, height }: Rect, pointX: number, pointY: number): boolean {
  return pointX >= x && pointX <= x + width && pointY >= y && pointY <= y + height;
}

function overlap(one: Rect, other: Rect): boolean {
  const isBeside = one.x >= other.x + other.width || other.x >= one.x + one.width;
  return !isBeside && one.y < other.y + other.height && other.y < one.y + one.height;
}
