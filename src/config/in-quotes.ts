import leven from "leven";

/** What a pasted key, or a URL that may carry a key or a password, looks like. */
const secretLike = /key=|:\/\/|@|[0-9a-f]{8}-[0-9a-f]{4}|[0-9a-f]{24}/i;

const maxQuoted = 60;

export function looksSecret(text: string): boolean {
  return secretLike.test(text);
}

/** For text in a place where no secret belongs: one that looks like a secret is not shown. */
export function inQuotes(text: string): string {
  if (looksSecret(text)) return '"<hidden>"';
  return JSON.stringify(text.length > maxQuoted ? `${text.slice(0, maxQuoted)}…` : text);
}

/** Words of other tools and places in lower case, by ours for them. */
const habits: Readonly<Record<string, readonly string[]>> = {
  bot: ["receiver"],
  bots: ["receivers"],
  key: ["url", "webhook_url"],
  zh: ["cn", "zh-cn", "zh_cn", "zh-hans", "chinese", "中文"],
  en: ["english", "en-us", "英文"],
  "Asia/Shanghai": ["beijing", "asia/beijing", "china", "cst", "utc+8", "gmt+8", "北京", "上海", "中国"],
};

/** `; did you mean "routes"?`, or nothing when no known word is similar. */
export function didYouMean(word: string, known: readonly string[]): string {
  const nearest = known.find((one) => habitsOf(one).includes(word.toLowerCase())) ?? nearestOf(word, known);
  return nearest === null ? "" : `; did you mean ${inQuotes(nearest)}?`;
}

function habitsOf(known: string): readonly string[] {
  return (Object.hasOwn(habits, known) ? habits[known] : undefined) ?? [];
}

function nearestOf(word: string, known: readonly string[]): string | null {
  const farthest = Math.max(1, Math.round(word.length / 3));
  const scored = known.map((candidate) => ({ candidate, distance: distanceOf(word, candidate, farthest) }));
  const best = scored.toSorted((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= farthest ? best.candidate : null;
}

/** Words of very different length are not compared: a whole file may stand where a word should. */
function distanceOf(word: string, candidate: string, farthest: number): number {
  if (Math.abs(word.length - candidate.length) > farthest) return Number.POSITIVE_INFINITY;
  const [one, other] = [word.toLowerCase(), candidate.toLowerCase()];
  return isSwapped(one, other) ? 1 : leven(one, other);
}

/** Two swapped neighbours count as one mistake, not two. */
function isSwapped(word: string, candidate: string): boolean {
  const at = [...word].findIndex((char, index) => char !== candidate[index]);
  const swapped = word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2);
  return at !== -1 && swapped === candidate;
}
