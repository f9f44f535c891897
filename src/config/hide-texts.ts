// Replaces many texts in another one, in one pass: with 10,000 keys, a search for each key took a second for each line.

const hidden = "<secret>";

/** So many first characters of a secret are compared at once. A shorter text would be hidden in every other word. */
const headLength = 4;

/** Of a longer text, so many: keys that somebody numbered begin alike. */
const longHeadLength = 32;

/** Of a head, an index into a table of flags. */
const slots = 2 ** 16;

/** Where texts overlap, or one contains another, nothing is left of any. Texts of up to three characters are not hidden. */
export function hiderOf(texts: readonly string[]): (text: string) => string {
  const searched = texts.filter((text) => text.length >= headLength);
  const byHead = Map.groupBy(searched, (text) =>
    text.slice(0, text.length < longHeadLength ? headLength : longHeadLength),
  );
  const isHead = new Uint8Array(slots);
  for (const head of byHead.keys()) isHead[slotAt(head, 0)] = 1;

  const lengthAt = (text: string, at: number): number => {
    if (isHead[slotAt(text, at)] !== 1) return 0;
    const found = [headLength, longHeadLength].flatMap((length) => byHead.get(text.slice(at, at + length)) ?? []);
    return found.reduce((longest, one) => (text.startsWith(one, at) ? Math.max(longest, one.length) : longest), 0);
  };
  return (text) => {
    let shown = "";
    let shownTo = 0;
    for (let at = 0; at + headLength <= text.length; at++) {
      let end = at + lengthAt(text, at);
      if (end === at) continue;
      shown += text.slice(shownTo, at) + hidden;
      for (; at < end; at++) end = Math.max(end, at + lengthAt(text, at));
      shownTo = end;
      at = end - 1;
    }
    return shown + text.slice(shownTo);
  };
}

/** The same for equal heads. */
function slotAt(text: string, at: number): number {
  const [one, two] = [text.charCodeAt(at), text.charCodeAt(at + 1)];
  const [three, four] = [text.charCodeAt(at + 2), text.charCodeAt(at + 3)];
  return (one ^ (two << 4) ^ (three << 8) ^ (four << 12)) % slots;
}
