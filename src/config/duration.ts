// Durations as Prometheus writes them: `500ms`, `5s`, `1h30m`, `7d`; units from large to small, each once. Text in, milliseconds out.

export const durationPattern = /^(?:0|(?=\d)(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?)$/;

/** As in Prometheus a day has 24 hours and a year 365 days. */
const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** Null when the text is no duration. */
export function readDuration(text: string): number | null {
  if (!durationPattern.test(text)) return null;
  const parts = text.matchAll(/(\d+)([a-z]+)/g);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ""] ?? 0), 0);
}
