import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { crc32, inflateSync } from "node:zlib";
import fc from "fast-check";
import { palettePng } from "../../../src/graph/png.ts";

interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly colours: number;
  /** Red, green and blue of each pixel. */
  readonly pixels: readonly number[];
}

/** Reads what `palettePng` writes, and checks the sum of each chunk. */
function decode(png: Uint8Array): Decoded {
  const bytes = Buffer.from(png);
  assert.equal(bytes.toString("hex", 0, 8), "89504e470d0a1a0a");
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const body = bytes.subarray(at + 4, at + 8 + length);
    assert.equal(bytes.readUInt32BE(at + 8 + length), crc32(body));
    chunks.set(body.toString("latin1", 0, 4), body.subarray(4));
    at += 12 + length;
  }
  assert.deepEqual([...chunks.keys()], ["IHDR", "PLTE", "IDAT", "IEND"]);
  const header = chunks.get("IHDR") ?? Buffer.alloc(0);
  const palette = chunks.get("PLTE") ?? Buffer.alloc(0);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  assert.equal(header.toString("hex", 8), "0803000000");
  const rows = inflateSync(chunks.get("IDAT") ?? Buffer.alloc(0));
  assert.equal(rows.length, (width + 1) * height);
  const indices = [...rows].filter((_, at) => at % (width + 1) !== 0);
  const pixels = indices.flatMap((index) => [...palette.subarray(3 * index, 3 * index + 3)]);
  return { width, height, colours: palette.length / 3, pixels };
}

const opaque = (colours: readonly (readonly [number, number, number])[]) =>
  Uint8Array.from(colours.flatMap((colour) => [...colour, 255]));

describe("a PNG with a palette", () => {
  it("has the very colours of a picture that has few", () => {
    const rgba = opaque([
      [255, 255, 255],
      [217, 45, 32],
      [6, 118, 71],
      [255, 255, 255],
      [31, 41, 51],
      [217, 45, 32],
    ]);

    const decoded = decode(palettePng({ width: 3, height: 2, rgba }));

    assert.deepEqual(decoded, {
      width: 3,
      height: 2,
      colours: 4,
      pixels: [255, 255, 255, 217, 45, 32, 6, 118, 71, 255, 255, 255, 31, 41, 51, 217, 45, 32],
    });
  });

  it("differs by no more than a shade, as long as there are few of them", () => {
    const channel = fc.integer({ min: 0, max: 255 });
    const colours = fc.array(fc.tuple(channel, channel, channel), { minLength: 1, maxLength: 200 });

    fc.assert(
      fc.property(colours, (colours) => {
        const rgba = opaque(colours);

        const { pixels } = decode(palettePng({ width: colours.length, height: 1, rgba }));

        for (const [n, one] of colours.flat().entries()) assert.ok(Math.abs((pixels[n] ?? 0) - one) < 8);
      }),
      { numRuns: 50 },
    );
  });

  it("has fewer colours where it would be too large", () => {
    const size = 64;
    const noise = createHash("shake256", { outputLength: 3 * size * size })
      .update("noise")
      .digest();
    const rgba = opaque(Array.from({ length: size * size }, (_, n) => [...noise.subarray(3 * n, 3 * n + 3)] as never));
    const sizes = [1e6, 1, 4_500].map((mostBytes) => palettePng({ width: size, height: size, rgba }, mostBytes));

    const colours = sizes.map((png) => decode(png).colours);

    assert.deepEqual(colours, [256, 16, 48]);
  });
});
