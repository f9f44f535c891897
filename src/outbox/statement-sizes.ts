// Cuts long lists into few distinct lengths, powers of two: every length is one prepared statement, and the engines keep a limited
// number of those. Also keeps a statement far below SQLite's 32,766 and PostgreSQL's 65,535 parameters.

/** For `in (…)`: lists of at most 512, filled up to a power of two by repeating the last entry. */
export function filledLists<T>(entries: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(entries.length / mostEntries);
  return Array.from({ length: count }, (_, n) => filled(entries.slice(n * mostEntries, (n + 1) * mostEntries)));
}

const mostEntries = 512;

function filled<T>(list: readonly T[]): readonly T[] {
  const size = 2 ** Math.ceil(Math.log2(list.length));
  return [...list, ...Array<T>(size - list.length).fill(list[list.length - 1] as T)];
}

/** The rows of all lists. Plain objects: node:sqlite's rows have no prototype, and callers should not see the engine. */
export async function readInLists<T, Row>(
  entries: readonly T[],
  read: (list: readonly T[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const found: Row[] = [];
  for (const list of filledLists(entries)) {
    for (const row of await read(list)) found.push({ ...row });
  }
  return found;
}

/** For `values …`, where nothing may be repeated: 100 rows become 64, 32 and 4. */
export function exactLists<T>(entries: readonly T[]): readonly (readonly T[])[] {
  const lists: (readonly T[])[] = [];
  for (let from = 0; from < entries.length; ) {
    const size = Math.min(mostRows, 2 ** Math.floor(Math.log2(entries.length - from)));
    lists.push(entries.slice(from, from + size));
    from += size;
  }
  return lists;
}

const mostRows = 64;
