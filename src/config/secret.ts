// A text that must never be printed: as text or JSON it is `<secret>`. Other texts are compared with it inside, in constant time.
// `reveal` is for the few places where a secret has to leave; test/repository/sources.test.ts lists them.

import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { inspect } from "node:util";
import { hiderOf } from "./hide-texts.ts";

const hidden = "<secret>";

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  /** Takes equally long wherever the texts differ, and whatever their lengths are: their hashes are compared. */
  equals(text: string): boolean {
    return timingSafeEqual(sha256(this.#text), sha256(text));
  }

  get length(): number {
    return this.#text.length;
  }

  matches(pattern: RegExp): boolean {
    return pattern.test(this.#text);
  }

  /** Whether `signature` is the lower-case hex of HMAC-SHA256 over the chunks in a row, with this secret as the key. Constant time. */
  signed(chunks: readonly (string | Uint8Array)[], signature: string): boolean {
    const hmac = createHmac("sha256", this.#text);
    for (const chunk of chunks) hmac.update(chunk);
    return timingSafeEqual(sha256(hmac.digest("hex")), sha256(signature));
  }

  /** The text with this secret replaced, as it is and as a part of a URL. */
  hideIn(text: string): string {
    return Secret.hider([this])(text);
  }

  /** Replaces all of them in a text. A secret of up to three characters stays: it is in every other word. */
  static hider(secrets: readonly Secret[]): (text: string) => string {
    return hiderOf(secrets.flatMap((secret) => [secret.#text, encodeURIComponent(secret.#text.toWellFormed())]));
  }

  /** 32 bytes for one purpose, the same wherever these secrets are the same: replicas that share a config share it (RFC 5869). */
  static derive(secrets: readonly Secret[], purpose: string): Uint8Array {
    const hashes = Buffer.concat(secrets.map((secret) => sha256(secret.#text)));
    return new Uint8Array(hkdfSync("sha256", hashes, "", purpose, 32));
  }

  /** 16 hex digits of SHA-256: identifies a key in the outbox and in logs without being one (a robot key has 122 random bits). */
  get id(): string {
    return sha256(this.#text).toString("hex").slice(0, 16);
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

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
