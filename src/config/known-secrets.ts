import { Secret } from "./secret.ts";

/** The secrets of every config that was in use: one that looks like an ordinary word is recognised only by its value. */
export class KnownSecrets {
  /** By id. */
  readonly #secrets = new Map<string, Secret>();
  #hide = Secret.hider([]);

  /** Every Secret in `config`, however deep. */
  add(config: unknown): void {
    for (const secret of secretsIn(config)) this.#secrets.set(secret.id, secret);
    this.#hide = Secret.hider([...this.#secrets.values()]);
  }

  hideIn(text: string): string {
    return this.#hide(text);
  }
}

function secretsIn(value: unknown): readonly Secret[] {
  if (value instanceof Secret) return [value];
  if (typeof value !== "object" || value === null) return [];
  const inner = value instanceof Map || value instanceof Set ? [...value.values()] : Object.values(value);
  return inner.flatMap(secretsIn);
}
