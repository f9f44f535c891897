// Hints for what people paste from alertmanager.yml, from PromQL and from files that a shell fills in.

import type { ConfigPath } from "./document.ts";

const staysThere = "it stays in alertmanager.yml";
const senderSends = `${staysThere}: the sender decides when it sends`;
const senderMutes = `${staysThere}: what it mutes is not sent to this service`;

const keys: Readonly<Record<string, string>> = {
  match: `write matchers: ['name="value"']`,
  match_re: `write matchers: ['name=~"pattern"']`,
  group_by: `${staysThere}, where alerts are grouped; group: per_alert or merge changes that here`,
  group_wait: senderSends,
  group_interval: senderSends,
  repeat_interval: senderSends,
  mute_time_intervals: senderMutes,
  active_time_intervals: senderMutes,
  time_intervals: senderMutes,
  inhibit_rules: senderMutes,
  global: staysThere,
};

/** What to do with a key of alertmanager.yml that stands in a route or beside it; null for other keys. */
export function alertmanagerHint(key: string, path: ConfigPath): string | null {
  const isThere = path.length === 0 || path[0] === "route";
  return isThere && Object.hasOwn(keys, key) ? `; ${keys[key]}` : null;
}

/** `or` and `and` between two matchers, outside of quotes. Alertmanager takes them for a part of the first value, if it is not quoted. */
export function joinedMatchersHint(text: string): string | null {
  const unquoted = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const joint = /[=~][^=!~]*[\s}"](or|and)[\s{]+[\p{L}\p{N}_:."]+\s*[=!]/iu.exec(unquoted)?.[1]?.toLowerCase();
  if (joint === undefined) return null;
  return joint === "and"
    ? "there is no `and` in matchers; put a comma between them"
    : 'there is no `or` in matchers; write name=~"a|b", or a route for each';
}

/** For an issue of a value that a shell or envsubst was expected to fill in. */
export function expansionHint(value: unknown): string {
  if (typeof value !== "string" || !/\$\{\w+\}/.test(value)) return "";
  return "; nothing is expanded: write the value, or for a secret the key that ends in _env";
}
