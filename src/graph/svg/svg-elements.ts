// Pieces of SVG text. Attributes only: the pages' content security policy refuses styles.

interface TextStyle {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly fill: string;
  readonly anchor?: "start" | "middle" | "end";
  /** The font has one weight; an outline makes it bolder. */
  readonly isBold?: boolean;
}

export function svgText(text: string, { x, y, size, fill, anchor = "start", isBold = false }: TextStyle): string {
  const outline = isBold ? ` stroke="${fill}" stroke-width="${size / 50}"` : "";
  const anchored = anchor === "start" ? "" : ` text-anchor="${anchor}"`;
  return `<text x="${coordinate(x)}" y="${coordinate(y)}" font-size="${size}" fill="${fill}"${anchored}${outline}>${escapeXml(text)}</text>`;
}

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function svgRect({ x, y, width, height }: Rect, attributes: string): string {
  return `<rect x="${coordinate(x)}" y="${coordinate(y)}" width="${coordinate(width)}" height="${coordinate(height)}" ${attributes}/>`;
}

export function svgPath(d: string, attributes: string): string {
  return `<path d="${d}" fill="none" ${attributes}/>`;
}

export function svgCircle(x: number, y: number, attributes: string): string {
  return `<circle cx="${coordinate(x)}" cy="${coordinate(y)}" ${attributes}/>`;
}

/** A tenth of a pixel is exact enough, and makes equal pictures equal texts. */
export function coordinate(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => `&#${character.codePointAt(0)};`);
}
