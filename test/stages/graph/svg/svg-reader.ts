// Reads the little of SVG that graphs use, strictly.

import assert from "node:assert/strict";

const element = /<(\/?)([a-z]+)((?: [a-zA-Z-]+="[^"<&]*(?:&#\d+;[^"<&]*)*")*)(\/?)>/uy;
const characters = /(?:[^<&]|&#\d+;)+/uy;
/** https://www.w3.org/TR/xml/#charsets */
const notXml = /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

interface Piece {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Throws unless it is one element with nothing but elements, attributes in quotes and texts. */
function piecesOf(svg: string): { readonly elements: readonly Piece[]; readonly texts: readonly string[] } {
  const open: string[] = [];
  const elements: Piece[] = [];
  const texts: string[] = [];
  for (let at = 0; at < svg.length; ) {
    element.lastIndex = at;
    characters.lastIndex = at;
    const tag = element.exec(svg);
    if (tag !== null) {
      const [all, closing, name = "", attributes = "", single] = tag;
      if (closing === "/") assert.equal(open.pop(), name);
      else if (single === "") open.push(name);
      const pairs = [...attributes.matchAll(/ ([a-zA-Z-]+)="([^"]*)"/gu)].map(
        ([, key = "", value = ""]) => [key, value] as const,
      );
      assert.equal(new Set(pairs.map(([key]) => key)).size, pairs.length, all);
      if (closing === "") elements.push({ name, attributes: new Map(pairs) });
      at += all.length;
    } else {
      const [text] = characters.exec(svg) ?? assert.fail(`not well-formed at ${at}: ${svg.slice(at, at + 80)}`);
      assert.equal(open.at(-1), "text");
      texts.push(text.replace(/&#(\d+);/gu, (_, code) => String.fromCodePoint(Number(code))));
      at += text.length;
    }
  }
  assert.deepEqual(open, []);
  assert.equal(elements[0]?.name, "svg");
  return { elements, texts };
}

export function assertWellFormed(svg: string): void {
  assert.doesNotMatch(svg, notXml);
  assert.ok(svg.isWellFormed());
  const { elements } = piecesOf(svg);
  const known = new Set(["svg", "rect", "path", "circle", "text"]);
  assert.deepEqual(
    elements.filter(({ name }) => !known.has(name)),
    [],
  );
}

export function textsOf(svg: string): readonly string[] {
  return piecesOf(svg).texts;
}

/** Corners of rectangles, points of paths, centres of circles, starts of texts. */
export function numbersIn(svg: string): readonly { readonly x: number; readonly y: number }[] {
  return piecesOf(svg).elements.flatMap(({ name, attributes }) => {
    const number = (key: string) => Number(attributes.get(key));
    if (name === "text") return [{ x: number("x"), y: number("y") }];
    if (name === "circle") return [{ x: number("cx"), y: number("cy") }];
    if (name === "path") return pointsOf(attributes.get("d") ?? "");
    if (name !== "rect") return [];
    const [x, y] = [number("x"), number("y")];
    return [
      { x, y },
      { x: x + number("width"), y: y + number("height") },
    ];
  });
}

function pointsOf(d: string) {
  let [x, y] = [Number.NaN, Number.NaN];
  return [...d.matchAll(/([A-Za-z])([^A-Za-z]*)/gu)].map(([, command, numbers = ""]) => {
    const [first = Number.NaN, second = Number.NaN] = numbers.split(" ").map(Number);
    if (command === "H") x = first;
    else if (command === "V") y = first;
    else if (command === "v") y += first;
    else if (command === "M" || command === "L") [x, y] = [first, second];
    else assert.fail(`unknown command ${command}`);
    return { x, y };
  });
}
