// Limits repeated log lines to one of each kind per span. Kinds come from a closed set.

export interface LogPace {
  /** Null: do not log. Otherwise how many lines of this kind were suppressed since the last one. */
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
