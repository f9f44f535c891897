// Cuts long lists into few distinct lengths, powers of two: every length is one prepared statement, and the engines keep a limited
// number of those. Also keeps a statement far below SQLite's 32,766 and PostgreSQL's 65,535 parameters.

/** For `in (…)`: lists of at most `most`, filled up to a power of two by repeating the last entry. */
export function filledLists<T>(entries: readonly T[], most = 512): readonly (readonly T[])[] {
  return slices(entries, most).map((list) => {
    const size = 2 ** Math.ceil(Math.log2(list.length));
    return [...list, ...Array<T>(size - list.length).fill(list[list.length - 1] as T)];
  });
}

/** For `values …`, where nothing may be repeated: 100 rows become 64, 32 and 4. */
export function exactLists<T>(entries: readonly T[], most = 64): readonly (readonly T[])[] {
  const lists: (readonly T[])[] = [];
  for (let from = 0; from < entries.length; ) {
    const size = Math.min(most, 2 ** Math.floor(Math.log2(entries.length - from)));
    lists.push(entries.slice(from, from + size));
    from += size;
  }
  return lists;
}

function slices<T>(entries: readonly T[], most: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(entries.length / most) }, (_, n) => entries.slice(n * most, (n + 1) * most));
}
