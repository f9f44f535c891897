// A graph as SVG text: for the picture of a message, and inline in the page of an alert. Equal contents give equal texts.

import type { GraphContent } from "../graph-content.ts";
import { valueText } from "../value-text.ts";
import { background, curveColour, green, grey, ink, red } from "./colours.ts";
import { type Curve, curvesOf } from "./curves.ts";
import type { Drawing } from "./drawing.ts";
import { drawnText, fitted, fittedInMiddle, type HasCharacter, textWidth } from "./drawn-text.ts";
import { graphStrings } from "./graph-strings.ts";
import { layoutOf, legendRow, legendSize, margin, pictureHeight, pictureWidth } from "./layout.ts";
import { plotOf } from "./plot.ts";
import { escapeXml, svgRect, svgText } from "./svg-elements.ts";
import { periodText } from "./time-axis.ts";

/** `has`: what the font can draw; a browser has a font for everything. */
export function drawSvg(given: GraphContent, has: HasCharacter = () => true): string {
  const content = withDrawnTexts(given, has);
  const curves = curvesOf(content);
  const drawing: Drawing = {
    content,
    curves,
    colours: coloursOf(curves),
    layout: layoutOf(content, curves),
    strings: graphStrings[content.language],
  };
  const size = `width="${pictureWidth}" height="${pictureHeight}" viewBox="0 0 ${pictureWidth} ${pictureHeight}"`;
  const font = `font-family="Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"`;
  const label = `role="img" aria-label="${escapeXml(content.title)}"`;
  const parts = [...headOf(drawing), ...plotOf(drawing), ...legendOf(drawing), footOf(drawing)];
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${font} ${label}>${parts.join("")}</svg>`;
}

function withDrawnTexts(content: GraphContent, has: HasCharacter): GraphContent {
  const drawn = (text: string) => drawnText(text, has);
  return {
    ...content,
    title: drawn(content.title),
    subtitle: drawn(content.subtitle),
    value: content.value === null ? null : drawn(content.value),
    source: drawn(content.source),
    // A series without labels, as Prometheus writes it.
    series: content.series.map((one) => ({ ...one, name: drawn(one.name) || "{}" })),
  };
}

function coloursOf(curves: readonly Curve[]): readonly string[] {
  const alerts = curves.filter(({ isAlert }) => isAlert).length;
  return curves.map(({ isAlert }, n) => curveColour(isAlert, isAlert ? n : n - alerts));
}

const titleSize = 38;
const valueSize = 44;
const subtitleSize = 24;

function headOf({ content, strings }: Drawing): readonly string[] {
  const { title, subtitle, status } = content;
  const colour = status === "resolved" ? green : red;
  const right = pictureWidth - margin;
  const value = fitted(content.value ?? "", valueSize, pictureWidth / 2);
  const beside = (text: string, size: number) => right - margin - (text === "" ? 0 : textWidth(text, size) + 24);
  const state = strings[status];
  // No samples: neither the colour of an alert nor that of a recovery.
  const valueColour = value === strings.noData ? grey : colour;
  return [
    svgRect({ x: 0, y: 0, width: pictureWidth, height: pictureHeight }, `fill="${background}"`),
    svgRect({ x: 0, y: 0, width: pictureWidth, height: 8 }, `fill="${colour}"`),
    svgText(fitted(title, titleSize, beside(value, valueSize)), {
      x: margin,
      y: 58,
      size: titleSize,
      fill: ink,
      isBold: true,
    }),
    svgText(value, { x: right, y: 60, size: valueSize, fill: valueColour, anchor: "end", isBold: true }),
    svgText(fitted(subtitle, subtitleSize, beside(state, subtitleSize)), {
      x: margin,
      y: 96,
      size: subtitleSize,
      fill: grey,
    }),
    svgText(state, { x: right, y: 96, size: subtitleSize, fill: colour, anchor: "end", isBold: true }),
  ];
}

function legendOf({ content, curves, colours, layout, strings }: Drawing): readonly string[] {
  const others = content.thresholds.map(({ value }) => value);
  return curves.flatMap(({ name, isAlert, last }, n) => {
    const { x, y, width } = legendRow(n, layout);
    const colour = colours[n] ?? ink;
    const text = last === null ? strings.noData : valueText(last, content.unit, others);
    const shown = fittedInMiddle(name, legendSize, width - 40 - 24 - textWidth(text, legendSize));
    const height = isAlert ? 8 : 5;
    return [
      svgRect({ x, y: y + 18 - height / 2, width: 26, height }, `rx="2.5" fill="${colour}"`),
      svgText(shown, { x: x + 40, y: y + 27, size: legendSize, fill: isAlert ? colour : ink }),
      svgText(text, { x: x + width, y: y + 27, size: legendSize, fill: isAlert ? colour : grey, anchor: "end" }),
    ];
  });
}

const footSize = 22;

function footOf({ content, strings, curves }: Drawing): string {
  const { startAt, endAt, timezone, source, series, omittedSeries } = content;
  const omitted = series.length - curves.length + omittedSeries;
  const parts = [
    periodText(startAt, endAt, timezone),
    timezone,
    omitted > 0 ? strings.moreSeries(omitted) : "",
    source,
  ];
  const text = parts.filter((part) => part !== "").join(" · ");
  const size = footSize;
  return svgText(fitted(text, size, pictureWidth - 2 * margin), { x: margin, y: pictureHeight - 16, size, fill: grey });
}
