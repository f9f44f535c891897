// Texts in GB18030, the encoding of Chinese Windows: Node decodes it but does not encode it. The table is the decoder's own, turned round.

const lead = range(0x81, 0xfe);
const digits = range(0x30, 0x39);

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** Two bytes for each Chinese character in use, four for the rest of the first plane, one for ASCII. */
const codes: ReadonlyMap<string, readonly number[]> = tableOf([
  ...range(0x00, 0x7f).map((byte) => [byte]),
  ...lead.flatMap((first) => [...range(0x40, 0x7e), ...range(0x80, 0xfe)].map((second) => [first, second])),
  // The first plane ends at 0x8431a439.
  ...range(0x81, 0x84).flatMap((a) => digits.flatMap((b) => lead.flatMap((c) => digits.map((d) => [a, b, c, d])))),
]);

function tableOf(sequences: readonly (readonly number[])[]): ReadonlyMap<string, readonly number[]> {
  const decoder = new TextDecoder("gb18030", { fatal: true });
  const table = new Map<string, readonly number[]>();
  for (const sequence of sequences) {
    try {
      const char = decoder.decode(Uint8Array.from(sequence));
      if (!table.has(char)) table.set(char, sequence);
    } catch {
      // A code without a character.
    }
  }
  return table;
}

/**
 * False for 19 characters for private use: the standard of 2022 gave the codes of 18 to other characters, and U+E5E5 never had one
 * (WHATWG Encoding, gb18030 encoder).
 */
export function hasGb18030(char: string): boolean {
  return codes.has(char) || (char.codePointAt(0) ?? 0) > 0xffff;
}

/** The text has no halves of surrogate pairs, which no encoding has, and only characters that have a code. */
export function gb18030(text: string): Uint8Array {
  return Uint8Array.from([...text].flatMap((char) => codes.get(char) ?? beyondFirstPlane(char.codePointAt(0) ?? 0)));
}

/** The codes from 0x90308130 on are numbered like the code points from U+10000 on (WHATWG Encoding, gb18030 encoder). */
function beyondFirstPlane(point: number): readonly number[] {
  const index = point - 0x10000;
  const [a, b, c, d] = [
    Math.floor(index / 12_600),
    Math.floor(index / 1_260) % 10,
    Math.floor(index / 10) % 126,
    index % 10,
  ];
  return [0x90 + a, 0x30 + b, 0x81 + c, 0x30 + d];
}
