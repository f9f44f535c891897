// Limits repeated log lines to one of each kind per span. There are few kinds: a closed set, and names in the config. A reload must
// not begin a new span, so a pace is kept across reloads.

export interface LogPace {
  /** Null: do not log. Otherwise how many lines of this kind were suppressed since the last one. */
  due(kind: string, spanMs?: number): number | null;
}

const defaultSpanMs = 60_000;

export function createLogPace(now: () => number): LogPace {
  const kinds = new Map<string, { lastAt: number; silent: number }>();
  return {
    due(kind, spanMs = defaultSpanMs) {
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
