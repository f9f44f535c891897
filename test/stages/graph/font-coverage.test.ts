import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fontCoverage } from "../../../src/graph/font-coverage.ts";

const short = (...numbers: readonly number[]) => numbers.flatMap((number) => [(number >> 8) & 0xff, number & 0xff]);
const long = (...numbers: readonly number[]) => numbers.flatMap((number) => short(number >>> 16, number));

/** A font with nothing but a `cmap` of these subtables. */
function fontOf(...subtables: readonly (readonly number[])[]): Uint8Array {
  const cmapAt = 12 + 16;
  let at = 4 + 8 * subtables.length;
  const records = subtables.flatMap((subtable) => {
    const record = [...short(3, 10), ...long(at)];
    at += subtable.length;
    return record;
  });
  const cmap = [...short(0, subtables.length), ...records, ...subtables.flat()];
  const header = [...long(0x00010000), ...short(1, 0, 0, 0)];
  return Uint8Array.from([...header, ...Buffer.from("cmap"), ...long(0, cmapAt, cmap.length), ...cmap]);
}

/** Segments `A` to `C` by a difference, and U+4E00 to U+4E02 by an array of glyphs of which the second is missing. */
const format4 = [
  ...short(4, 0, 0, 6, 0, 0, 0),
  ...short(0x43, 0x4e02, 0xffff),
  ...short(0),
  ...short(0x41, 0x4e00, 0xffff),
  ...short(0x10000 - 0x40, 0, 1),
  ...short(0, 4, 0),
  ...short(7, 0, 9),
];

const format12 = [...short(12, 0), ...long(0, 0, 2), ...long(0x61, 0x62, 1), ...long(0x1f525, 0x1f525, 3)];

const charactersOf = (font: Uint8Array) => String.fromCodePoint(...(fontCoverage(font) ?? []));

describe("the characters of a font", () => {
  it("are in its cmap, format 4: segments without those that have no glyph", () => {
    assert.equal(charactersOf(fontOf(format4)), "ABC一丂");
  });

  it("are in its cmap, format 12: groups beyond U+FFFF", () => {
    assert.equal(charactersOf(fontOf(format12)), "ab🔥");
    assert.equal(charactersOf(fontOf(format4, format12)), "ABC一丂ab🔥");
  });

  it("are unknown of what is no font", () => {
    assert.equal(fontCoverage(new Uint8Array()), null);
    assert.equal(fontCoverage(Buffer.from("wOF2 is compressed, and so are its tables")), null);
    assert.equal(fontCoverage(fontOf([...short(0, 262, 0)])), null);
  });

  it("are read without an error from any bytes", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ minLength: 4, maxLength: 60 }).map((tail) => fontOf([...tail])),
    );

    fc.assert(fc.property(bytes, (font) => assert.doesNotThrow(() => fontCoverage(font))));
  });
});
