// Which characters a TrueType or OpenType font has: its table `cmap`, in the formats that fonts of today use.
// Source: https://learn.microsoft.com/en-us/typography/opentype/spec/cmap

/** Code points; null for what is no font, or one without such a table. */
export function fontCoverage(font: Uint8Array): ReadonlySet<number> | null {
  try {
    return readCoverage(new DataView(font.buffer, font.byteOffset, font.byteLength));
  } catch (error) {
    // Outside the file.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const collectionTag = 0x74746366; // `ttcf`
const cmapTag = 0x636d6170;

function readCoverage(view: DataView): ReadonlySet<number> | null {
  // Of a collection its first font.
  const start = view.getUint32(0) === collectionTag ? view.getUint32(12) : 0;
  const cmap = tableAt(view, start, cmapTag);
  if (cmap === null) return null;
  const characters = new Set<number>();
  const count = view.getUint16(cmap + 2);
  for (let n = 0; n < count; n++) {
    const subtable = cmap + view.getUint32(cmap + 4 + n * 8 + 4);
    const format = view.getUint16(subtable);
    if (format === 4) addSegments(view, subtable, characters);
    if (format === 12) addGroups(view, subtable, characters);
  }
  return characters.size === 0 ? null : characters;
}

function tableAt(view: DataView, start: number, tag: number): number | null {
  const count = view.getUint16(start + 4);
  for (let n = 0; n < count; n++) {
    const record = start + 12 + n * 16;
    if (view.getUint32(record) === tag) return view.getUint32(record + 8);
  }
  return null;
}

/** Format 4: characters up to U+FFFF. A segment may name characters without a glyph: glyph 0. */
function addSegments(view: DataView, subtable: number, characters: Set<number>): void {
  const bytes = view.getUint16(subtable + 6);
  const ends = subtable + 14;
  const starts = ends + bytes + 2;
  for (let segment = 0; segment < bytes; segment += 2) {
    const end = view.getUint16(ends + segment);
    const start = view.getUint16(starts + segment);
    const delta = view.getUint16(starts + bytes + segment);
    const rangeAt = starts + 2 * bytes + segment;
    const range = view.getUint16(rangeAt);
    for (let character = start; character <= end && character < 0xffff; character++) {
      const glyph = range === 0 ? character + delta : view.getUint16(rangeAt + range + 2 * (character - start));
      if ((glyph & 0xffff) !== 0) characters.add(character);
    }
  }
}

const lastCharacter = 0x10ffff;

/** Format 12: all of Unicode. */
function addGroups(view: DataView, subtable: number, characters: Set<number>): void {
  const count = view.getUint32(subtable + 12);
  for (let n = 0; n < count; n++) {
    const group = subtable + 16 + n * 12;
    const start = view.getUint32(group);
    const end = Math.min(view.getUint32(group + 4), lastCharacter);
    for (let character = start; character <= end; character++) characters.add(character);
  }
}
