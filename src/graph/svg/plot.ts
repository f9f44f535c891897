// The inside of a graph: axes, the time it fired, curves, thresholds and their labels.

import { thresholdText } from "../value-text.ts";
import { background, green, grey, gridColour, red } from "./colours.ts";
import type { Curve, Point } from "./curves.ts";
import type { Drawing } from "./drawing.ts";
import { textWidth } from "./drawn-text.ts";
import { leastHiding, placedInLine } from "./labels.ts";
import { axisSize, type Layout, pictureWidth } from "./layout.ts";
import { coordinate, type Rect, svgCircle, svgPath, svgRect, svgText } from "./svg-elements.ts";
import { momentText, timeTicksOf } from "./time-axis.ts";

export function plotOf(drawing: Drawing): readonly string[] {
  return [
    firingSpanOf(drawing),
    ...valueAxisLines(drawing.layout),
    ...timeAxisLines(drawing),
    ...curvesDrawn(drawing, false),
    ...thresholdLines(drawing),
    ...marksOf(drawing),
    ...curvesDrawn(drawing, true),
    ...thresholdLabels(drawing),
    ...emptyNote(drawing),
  ];
}

function firingSpanOf({ content, layout }: Drawing): string {
  const { firedAt, resolvedAt, endAt } = content;
  if (firedAt === null) return "";
  const { top, bottom, xOf } = layout;
  const x = xOf(firedAt);
  const width = Math.max(0, xOf(resolvedAt ?? endAt) - x);
  return svgRect({ x, y: top, width, height: bottom - top }, `fill="${red}" fill-opacity="0.06"`);
}

function valueAxisLines({ axis, tickTexts, left, right, yOf }: Layout): readonly string[] {
  return axis.ticks.flatMap((tick, n) => {
    const y = yOf(tick);
    return [
      svgPath(
        `M${coordinate(left)} ${coordinate(y)}H${coordinate(right)}`,
        `stroke="${gridColour}" stroke-width="1.5"`,
      ),
      svgText(tickTexts[n] ?? "", { x: left - 12, y: y + 8, size: axisSize, fill: grey, anchor: "end" }),
    ];
  });
}

function timeAxisLines({ content, layout }: Drawing): readonly string[] {
  const { startAt, endAt, timezone } = content;
  const { bottom, xOf } = layout;
  return timeTicksOf(startAt, endAt, { timezone, mostTicks: 6 }).flatMap(({ at, text }) => {
    const x = xOf(at);
    const half = textWidth(text, axisSize) / 2;
    const mark = svgPath(`M${coordinate(x)} ${coordinate(bottom)}v7`, `stroke="${grey}" stroke-width="1.5"`);
    // At the edges of the plot, a little beside its mark.
    const middle = Math.min(x, pictureWidth - half - 4);
    return [mark, svgText(text, { x: middle, y: bottom + 33, size: axisSize, fill: grey, anchor: "middle" })];
  });
}

function curvesDrawn({ curves, colours, layout }: Drawing, ofAlerts: boolean): readonly string[] {
  return curves.flatMap((curve, n) => {
    if (curve.isAlert !== ofAlerts) return [];
    const colour = colours[n] ?? grey;
    return [
      ...curve.pieces.map((piece) => pieceDrawn(piece, curve, { colour, layout })),
      ...endOf(curve, colour, layout),
    ];
  });
}

function pieceDrawn(piece: readonly Point[], { isAlert }: Curve, place: { colour: string; layout: Layout }): string {
  const { colour, layout } = place;
  const [first] = piece;
  if (first === undefined) return "";
  if (piece.length === 1) {
    return svgCircle(layout.xOf(first[0]), layout.yOf(first[1]), `r="${isAlert ? 4 : 2.5}" fill="${colour}"`);
  }
  const steps = piece.map(([at, value], n) => {
    const [x, y] = [coordinate(layout.xOf(at)), coordinate(layout.yOf(value))];
    if (n === 0) return `M${x} ${y}`;
    return layout.axis.isBinary ? `H${x}V${y}` : `L${x} ${y}`;
  });
  const stroke = isAlert ? 'stroke-width="4.5"' : 'stroke-width="2.2" stroke-opacity="0.8"';
  return svgPath(steps.join(""), `stroke="${colour}" ${stroke} stroke-linejoin="round" stroke-linecap="round"`);
}

/** A dot at the value that an alert's series has now. */
function endOf({ isAlert, last, pieces }: Curve, colour: string, { xOf, yOf }: Layout): readonly string[] {
  const point = pieces.at(-1)?.at(-1);
  if (!isAlert || point === undefined || last !== point[1]) return [];
  return [svgCircle(xOf(point[0]), yOf(point[1]), `r="7" fill="${colour}" stroke="${background}" stroke-width="2.5"`)];
}

/** More than a chain of comparisons has. */
const mostThresholds = 4;

function thresholdLines({ content, layout }: Drawing): readonly string[] {
  const { left, right, yOf } = layout;
  return content.thresholds.slice(0, mostThresholds).map(({ value }) => {
    const path = `M${coordinate(left)} ${coordinate(yOf(value))}H${coordinate(right)}`;
    return svgPath(path, `stroke="${red}" stroke-width="2.5" stroke-dasharray="10 8"`);
  });
}

const labelHeight = 32;

/** Where they hide as little as possible of the curves. */
function thresholdLabels({ content, curves, layout, strings }: Drawing): readonly string[] {
  const points = curves.flatMap(({ pieces }) =>
    pieces.flatMap((piece) => piece.map(([at, value]) => [layout.xOf(at), layout.yOf(value)] as const)),
  );
  const placed: Rect[] = [];
  return content.thresholds.slice(0, mostThresholds).flatMap((threshold) => {
    const text = `${strings.threshold} ${thresholdText(threshold, content.unit)}`;
    const place = leastHiding(
      labelPlaces(layout.yOf(threshold.value), textWidth(text, axisSize) + 22, layout),
      placed,
      points,
    );
    if (place === null) return [];
    placed.push(place);
    const box = `rx="6" fill="${background}" fill-opacity="0.92" stroke="${red}" stroke-width="1.5"`;
    return [svgRect(place, box), svgText(text, { x: place.x + 11, y: place.y + 24, size: axisSize, fill: red })];
  });
}

/** Above and below the line, from left to right. */
function labelPlaces(y: number, width: number, { left, right, top, bottom }: Layout): readonly Rect[] {
  const room = right - left - width - 16;
  const starts = [0, 0.25, 0.5, 0.75, 1].map((share) => left + 8 + room * share);
  const rows = [y - labelHeight - 7, y + 7].filter((row) => row >= top && row + labelHeight <= bottom);
  return starts.flatMap((x) => rows.map((row) => ({ x, y: row, width, height: labelHeight })));
}

/** The times of firing and recovery, each above its line. */
function marksOf({ content, layout, strings }: Drawing): readonly string[] {
  const { firedAt, resolvedAt, startAt, endAt, timezone } = content;
  const { left, right, top, bottom, xOf } = layout;
  const marks = [
    { at: firedAt, word: strings.firedAt, colour: red },
    { at: resolvedAt, word: strings.resolvedAt, colour: green },
  ].flatMap(({ at, word, colour }) => {
    if (at === null) return [];
    const isInside = at >= startAt && at <= endAt;
    const text = `${at < startAt ? "← " : ""}${word} ${momentText(at, endAt, timezone)}${at > endAt ? " →" : ""}`;
    return [{ x: xOf(at), text, colour, isInside, width: textWidth(text, axisSize) }];
  });
  const starts = placedInLine(
    marks.map(({ x, width }) => ({ at: x, width })),
    { from: left, to: right },
  );
  return marks.flatMap(({ x, text, colour, isInside }, n) => {
    const path = `M${coordinate(x)} ${coordinate(top - 4)}V${coordinate(bottom)}`;
    return [
      isInside ? svgPath(path, `stroke="${colour}" stroke-width="2"`) : "",
      svgText(text, { x: starts[n] ?? left, y: top - 12, size: axisSize, fill: colour }),
    ];
  });
}

function emptyNote({ curves, layout, strings }: Drawing): readonly string[] {
  if (curves.some(({ pieces }) => pieces.length > 0)) return [];
  const { left, right, top, bottom } = layout;
  const [x, y, size] = [(left + right) / 2, (top + bottom) / 2, 28];
  const width = textWidth(strings.empty, size) + 24;
  return [
    svgRect({ x: x - width / 2, y: y - size, width, height: size * 1.4 }, `fill="${background}"`),
    svgText(strings.empty, { x, y, size, fill: grey, anchor: "middle" }),
  ];
}
