// Keeps a log readable when a sender repeats itself: of each kind of line, one per span. Kinds come from a closed set.

export interface LogPace {
  /** Null: stay silent. Otherwise how many of this kind were kept silent since the last line. */
  due(kind: string): number | null;
}

export function createLogPace(spanMs: number, now: () => number): LogPace {
  const kinds = new Map<string, { lastAt: number; silent: number }>();
  return {
    due(kind) {
      const seen = kinds.get(kind);
      if (seen !== undefined && now() - seen.lastAt < spanMs) {
        seen.silent += 1;
        return null;
      }
      kinds.set(kind, { lastAt: now(), silent: 0 });
      return seen?.silent ?? 0;
    },
  };
}
