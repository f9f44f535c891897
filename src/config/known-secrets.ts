import { Secret } from "./secret.ts";

/** The secrets of every config that was in use: one that looks like an ordinary word is recognised only by its value. */
export class KnownSecrets {
  /** By id, the longest first: of one that contains another, nothing is left. */
  #secrets: ReadonlyMap<string, Secret> = new Map();

  /** Every Secret in `config`, however deep. */
  add(config: unknown): void {
    const added = secretsIn(config).map((secret) => [secret.id, secret] as const);
    this.#secrets = new Map([...this.#secrets, ...added].sort(([, one], [, other]) => other.length - one.length));
  }

  hideIn(text: string): string {
    return this.#secrets.values().reduce((shown, secret) => secret.hideIn(shown), text);
  }
}

function secretsIn(value: unknown): readonly Secret[] {
  if (value instanceof Secret) return [value];
  if (typeof value !== "object" || value === null) return [];
  const inner = value instanceof Map || value instanceof Set ? [...value.values()] : Object.values(value);
  return inner.flatMap(secretsIn);
}
