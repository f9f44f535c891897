// Masks credentials in text that is printed: robot keys, tokens, proxy passwords. A second protection: no code of ours puts
// one there, but an error of a library or a mistyped URL may.

/** Printed in place of a credential. */
export const mask = "<secret>";

/** What ends a value inside a URL, a sentence, a quoted string or JSON. */
const value = String.raw`[^\s&"'\\<>#,;)\]}]+`;

const rules: readonly (readonly [RegExp, string])[] = [
  // `?key=…`, `access_token=…`, also percent-encoded inside another URL; not `groupKey=…`.
  [
    new RegExp(String.raw`((?:(?<!\w)|%3F|%26)(?:key|access_token|token|secret|password)(?:=|%3D))${value}`, "gi"),
    `$1${mask}`,
  ],
  // The token of a link to the phone page (actions/token.ts), also percent-encoded inside another URL.
  [/((?:\/|%2F)a(?:\/|%2F))1[\w-]{34,}/gi, `$1${mask}`],
  [/("(?:key|access_token|token|secret|password)"\s*:\s*")[^"]+/gi, `$1${mask}`],
  [new RegExp(`(wecom(?:bot)?://)${value}`, "gi"), `$1${mask}`],
  // A password may hold a raw `@`: up to the last one before the path.
  [/(:\/\/)[^\s/?#"'<>]+@/g, `$1${mask}@`],
  [new RegExp(String.raw`(authorization["']?\s*[:=]\s*["']?)(?:[\w-]+\s+)?${value}`, "gi"), `$1${mask}`],
  // The shape of a bare robot key.
  [/(?<![\da-f])[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?![\da-f])/gi, mask],
];

/** Fields whose whole value is a credential, whatever it looks like. */
const secretNames = new Set([
  "key",
  "token",
  "access_token",
  "secret",
  "password",
  "credentials",
  "authorization",
  "cookie",
]);

export function maskSecrets(text: string): string {
  return rules.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text);
}

export function isSecretName(name: string): boolean {
  return secretNames.has(name.toLowerCase());
}
