// A PNG with a palette of 256 colours. A graph has few colours and their blends at edges: it looks the same as with all colours,
// and takes a third of the bytes (https://www.w3.org/TR/png-3, 11.2).

import { crc32, deflateSync } from "node:zlib";

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, opacity; all opaque. */
  readonly rgba: Uint8Array;
}

/** `mostBytes` is kept as far as fewer colours help: a picture full of lines has more blends than other ones. */
export function palettePng(pixels: Pixels, mostBytes = 96_000): Uint8Array {
  const buckets = bucketsIn(pixels.rgba);
  const [first, ...others] = [256, 48, 16].map((colours) => () => encoded(pixels, buckets, colours));
  let made = first?.() ?? new Uint8Array();
  for (const fewer of others) {
    if (made.length <= mostBytes) break;
    made = fewer();
  }
  return made;
}

function encoded({ width, height, rgba }: Pixels, buckets: Buckets, mostColours: number): Uint8Array {
  const { colours, indices } = paletteOf(buckets, mostColours);
  // Each row begins with its filter: none, since neighbouring indices are not alike.
  const rows = new Uint8Array((width + 1) * height);
  for (let y = 0, at = 0, to = 0; y < height; y++) {
    to += 1;
    for (let x = 0; x < width; x++, at += 4) rows[to++] = indices[bucketAt(rgba, at)] ?? 0;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8); // bits of an index; colour type: indices
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(colours.flat())),
    chunk("IDAT", deflateSync(rows, { memLevel: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const made = Buffer.alloc(12 + data.length);
  made.writeUInt32BE(data.length, 0);
  made.write(type, 4, "latin1");
  made.set(data, 8);
  made.writeUInt32BE(crc32(made.subarray(4, 8 + data.length)), 8 + data.length);
  return made;
}

type Colour = readonly [red: number, green: number, blue: number];

/** A bucket is the colours that differ in the last three bits of each channel only. */
interface Buckets {
  /** Those that have pixels, the most frequent ones first. */
  readonly used: readonly number[];
  /** By bucket: the mean of its pixels. */
  readonly means: ReadonlyMap<number, Colour>;
}

function bucketAt(rgba: Uint8Array, at: number): number {
  return (((rgba[at] ?? 0) >> 3) << 10) | (((rgba[at + 1] ?? 0) >> 3) << 5) | ((rgba[at + 2] ?? 0) >> 3);
}

function bucketsIn(rgba: Uint8Array): Buckets {
  const counts = new Uint32Array(2 ** 15);
  const [reds, greens, blues] = [0, 1, 2].map(() => new Uint32Array(2 ** 15)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  for (let at = 0; at < rgba.length; at += 4) {
    const bucket = bucketAt(rgba, at);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    reds[bucket] = (reds[bucket] ?? 0) + (rgba[at] ?? 0);
    greens[bucket] = (greens[bucket] ?? 0) + (rgba[at + 1] ?? 0);
    blues[bucket] = (blues[bucket] ?? 0) + (rgba[at + 2] ?? 0);
  }
  const countOf = (bucket: number) => counts[bucket] ?? 0;
  const used = [...counts.keys()].filter((bucket) => countOf(bucket) > 0);
  const meanOf = (bucket: number) =>
    [reds, greens, blues].map((sum) => Math.round((sum[bucket] ?? 0) / countOf(bucket))) as [number, number, number];
  return {
    used: used.toSorted((a, b) => countOf(b) - countOf(a) || a - b),
    means: new Map(used.map((bucket) => [bucket, meanOf(bucket)])),
  };
}

/** The colours of the most frequent buckets; the others get the nearest of them. */
function paletteOf({ used, means }: Buckets, mostColours: number) {
  const colours = used.slice(0, mostColours).map((bucket) => means.get(bucket) ?? black);
  const indices = new Uint8Array(2 ** 15);
  for (const [n, bucket] of used.entries()) {
    indices[bucket] = n < mostColours ? n : nearestOf(means.get(bucket) ?? black, colours);
  }
  return { colours, indices };
}

const black: Colour = [0, 0, 0];

function nearestOf([red, green, blue]: Colour, colours: readonly Colour[]): number {
  let nearest = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, [r, g, b]] of colours.entries()) {
    const distance = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
    if (distance < least) [nearest, least] = [index, distance];
  }
  return nearest;
}
