// Hints for what people paste from alertmanager.yml, from PromQL, from chats and from files that a shell fills in, and for what a
// Chinese keyboard types.

const staysThere = "it stays in alertmanager.yml";
const senderSends = `${staysThere}: the sender decides when it sends`;
const senderMutes = `${staysThere}: what it mutes is not sent to this service`;
const ofApp = "that is of a WeCom app; a bot is a robot of a group: write its key";
const ofRoute = "it is a setting of a route";

type Hints = Readonly<Record<string, string>>;

const inRoutes: Hints = {
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

const inBots: Hints = {
  webhook_configs: `${staysThere}; here a bot has the key of its robot`,
  wechat_configs: ofApp,
  corp_id: ofApp,
  agent_id: ofApp,
  api_secret: ofApp,
  send_resolved: ofRoute,
  message: ofRoute,
  template: ofRoute,
  mention: ofRoute,
};

const inAuth: Hints = {
  password: "write password_hash: what `alertmanager-wecom hash-password` prints",
  basic_auth: "write basic: { username: …, password_hash: … }",
  bearer_token: "write bearer: { token: … }",
  bearer_token_file: "write bearer: { token_file: … }",
  type: "write scheme, like Bearer",
};

/** What to do with a key of another tool's config, or of another section; null for other keys. */
export function pastedKeyHint(key: string, path: readonly (string | number)[]): string | null {
  if (key === "<<") return "; merge keys are not supported: write the keys out, or name a whole value with & and *";
  if (path.join(".") === "route" && (key === "matchers" || key === "continue")) {
    return "; the root route takes every alert: move it to one of its routes";
  }
  const section = path.length === 0 ? "route" : path[0];
  const hints = section === "route" ? inRoutes : section === "bots" ? inBots : section === "auth" ? inAuth : {};
  const hint = Object.hasOwn(hints, key) ? hints[key] : hintOf(key, fullWidth);
  return hint ? `; ${hint}` : null;
}

const chineseQuotes = "these are Chinese quotation marks; write \" or '";

type Rule = readonly [pattern: RegExp, hint: string];

/** Of a Chinese keyboard, in place of a character of YAML. */
const fullWidth: readonly Rule[] = [
  [/[“”„‟‘’]/u, chineseQuotes],
  [/：/u, "： is a full-width colon; write : and a space"],
  [/，/u, "， is a full-width comma; write ,"],
  [/^\s*[\u00a0\u3000]/u, "the space before it is not the space of YAML; write plain spaces"],
];

const notExpanded = "nothing is expanded";

const placeholder = /\$\{\w+\}|^\$\w+$/u;

const inValues: readonly Rule[] = [
  [placeholder, `${notExpanded}: write the value`],
  [/^[“‘]|[”’]$/u, chineseQuotes],
];

/** Keys that have a twin which names an environment variable. */
const secretKeys: ReadonlySet<unknown> = new Set([
  "key",
  "password",
  "proxy_url",
  "token",
  "credentials",
  "password_hash",
  "secret",
  "value",
]);

const insteadOfMapping: readonly Rule[] = [...fullWidth, [/^[\w-]+:\S/u, "a colon needs a space after it"]];

function hintOf(text: string, rules: readonly Rule[]): string | null {
  const rule = rules.find(([pattern]) => pattern.test(text));
  return rule === undefined ? null : rule[1];
}

/** For an issue of a value under `key`; `isText` is false where something other than text is expected. */
export function valueHint(value: unknown, key: unknown, isText: boolean): string | null {
  if (typeof value !== "string") return null;
  if (secretKeys.has(key) && placeholder.test(value)) {
    const variable = /^\$\{?(\w+)\}?$/u.exec(value)?.[1];
    const whole = `all of it, or name its variable in ${key}_env`;
    return `${notExpanded}: write ${variable === undefined ? whole : `${key}_env: ${variable}`}`;
  }
  return hintOf(value, isText ? inValues : [...inValues, ...insteadOfMapping]);
}

/** For a line in which YAML finds a mistake. */
export function lineHint(line: string): string | null {
  // What follows a colon may have any character.
  return hintOf(line.replace(/:.*/u, ""), fullWidth);
}

/** Outside of "…". Alertmanager takes most of these for a part of the value, so that nothing ever matches. */
const inMatchers: readonly Rule[] = [
  [/^\s*[“”„‟‘’]|[=~]\s*[“”„‟‘’]/u, chineseQuotes],
  [/^[^=!~]*[＝！～]/u, "＝ ！ ～ are full-width; write = ! ~"],
  [/，\s*[\p{L}\p{N}_.:"]+\s*[=!＝！]/u, "， is full-width; write ,"],
  [/^\{?\s*[^\s=!~,]+\s*==/u, "there is no == in matchers; write ="],
  [/^\{?\s*[^\s=!~,]+\s*<>/u, "there is no <> in matchers; write !="],
  [/^[^=!]*[^=!\s]\s*~/u, "there is no ~ in matchers; write =~"],
  [/[=~]\s*'/u, "a value is quoted with \", not with '"],
];

const noAnd = "there is no `and` in matchers; put a comma between them";
const noOr = 'there is no `or` in matchers; write name=~"a|b", or a route for each';

/** Between two matchers. */
const joints: Hints = { and: noAnd, "&&": noAnd, or: noOr, "||": noOr };

/** What is read as a matcher, or nearly, and was meant otherwise; null for any other text. */
export function matcherHint(text: string): string | null {
  if (/[^~]=\s*"?\$\{\w+\}/u.test(text)) return `${notExpanded}: write the value`;
  const unquoted = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const joint = /[=~][^=!~]*[\s}"](or|and|&&|\|\|)[\s{]+[\p{L}\p{N}_:."]+\s*[=!]/iu.exec(unquoted)?.[1];
  return hintOf(unquoted, inMatchers) ?? joints[joint?.toLowerCase() ?? ""] ?? null;
}
