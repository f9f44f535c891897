// A text that must never be printed: whatever turns it into text or JSON gets `<secret>`.
// `reveal` is called in wecom/client only; the repository's own check holds the call sites to that.

import { createHash } from "node:crypto";
import { inspect } from "node:util";

const hidden = "<secret>";

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  /** 16 hex digits of SHA-256: tells keys apart in the outbox and in logs without being one (a robot key has 122 random bits). */
  get id(): string {
    return createHash("sha256").update(this.#text).digest("hex").slice(0, 16);
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [inspect.custom](): string {
    return hidden;
  }
}
