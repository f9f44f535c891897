// Where the parts of a graph are. All sizes are pixels of a picture of 1068×640, which is readable at the width of a phone and
// has a shape that WeCom's `image` and a card's picture both take.

import type { GraphContent } from "../graph-content.ts";
import { valueTexts } from "../value-text.ts";
import type { Curve } from "./curves.ts";
import { textWidth } from "./drawn-text.ts";
import { type ValueAxis, valueAxisOf } from "./value-axis.ts";

export const pictureWidth = 1068;
export const pictureHeight = 640;
export const margin = 32;

export const axisSize = 24;
export const legendSize = 26;
const legendRowHeight = 40;
/** Where the times of firing and recovery stand, above the plot. */
const marksHeight = 36;
const headHeight = 108;
const footHeight = 44;
const timeAxisHeight = 44;

export interface Layout {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly axis: ValueAxis;
  /** Texts of `axis.ticks`. */
  readonly tickTexts: readonly string[];
  readonly legendColumns: number;
  readonly legendTop: number;
  readonly xOf: (at: number) => number;
  readonly yOf: (value: number) => number;
}

export function layoutOf(content: GraphContent, curves: readonly Curve[]): Layout {
  const { unit, thresholds, startAt, endAt } = content;
  const legendColumns = columnsFor(curves);
  const legendTop = pictureHeight - footHeight - Math.ceil(curves.length / legendColumns) * legendRowHeight;
  const top = headHeight + marksHeight;
  const bottom = legendTop - timeAxisHeight - 10;
  const values = curves.flatMap(({ pieces }) => pieces.flatMap((piece) => piece.map(([, value]) => value)));
  const axis = valueAxisOf([...values, ...thresholds.map(({ value }) => value)], unit, Math.round((bottom - top) / 72));
  const tickTexts = valueTexts(axis.ticks, unit);
  const left = Math.max(72, ...tickTexts.map((text) => textWidth(text, axisSize) + 36));
  const right = pictureWidth - margin;
  const width = right - left;
  const height = bottom - top;
  return {
    left,
    right,
    top,
    bottom,
    axis,
    tickTexts,
    legendColumns,
    legendTop,
    xOf: (at) => left + within((at - startAt) / (endAt - startAt)) * width,
    yOf: (value) => bottom - within((value - axis.low) / (axis.high - axis.low)) * height,
  };
}

/** NaN, of a period without length, is the start. */
const within = (share: number) => Math.min(Math.max(Number.isNaN(share) ? 0 : share, 0), 1);

/** A column of its own for each of a few long names, else two columns. */
function columnsFor(curves: readonly Curve[]): number {
  const half = (pictureWidth - 2 * margin) / 2 - 180;
  const isLong = curves.some(({ name }) => textWidth(name, legendSize) > half);
  return curves.length <= 1 || (isLong && curves.length <= 3) ? 1 : 2;
}

export const legendRow = (index: number, { legendColumns, legendTop }: Layout) => {
  const gap = 36;
  const width = (pictureWidth - 2 * margin - gap * (legendColumns - 1)) / legendColumns;
  const column = index % legendColumns;
  return {
    x: margin + column * (width + gap),
    y: legendTop + Math.floor(index / legendColumns) * legendRowHeight,
    width,
  };
};
