// The token of a link to the phone page: which alert of which notification, and until when. It is signed, so the token is the
// permission, and no list of tokens is kept. It must not be printed.

import { createHmac, timingSafeEqual } from "node:crypto";

export interface LinkToken {
  /** The outbox never gives the id of a notification twice. */
  readonly notificationId: number;
  /** Of one alert; null for all alerts of the notification. */
  readonly identity: string | null;
  /** Epoch ms. In a token it is rounded up to a second. */
  readonly expiresAt: number;
}

/** The first character of a token. Another character there means a version that this one cannot read. */
const version = "1";

/** 10^12: a thousand notifications a second reach it after 31 years. */
const idBytes = 5;

/** Seconds until the year 2106. */
const timeBytes = 4;

/** Half of SHA-256: 128 bits cannot be guessed, and the token stays short. */
const signatureBytes = 16;

/** Version, id and time in 12 characters, identity, signature: at most 57 characters. */
const shape = /^(1([\w-]{12})([\w-]{22})?)([\w-]{22})$/u;

/** The identity is one that `identityHash` made. */
export function signToken(secret: Uint8Array, { notificationId, identity, expiresAt }: LinkToken): string {
  const head = Buffer.alloc(idBytes + timeBytes);
  head.writeUIntBE(notificationId, 0, idBytes);
  head.writeUIntBE(Math.ceil(expiresAt / 1_000), idBytes, timeBytes);
  const text = `${version}${head.toString("base64url")}${identity ?? ""}`;
  return `${text}${signatureOf(secret, text)}`;
}

/**
 * Null when none of the secrets has signed it, also when a single character was changed, and when its time is over. Links that
 * were signed before a change of the secret stay valid while the old one is among `secrets`.
 */
export function readLinkToken(secrets: readonly Uint8Array[], token: string, now: number): LinkToken | null {
  const [, text, head = "", identity = null, signature = ""] = shape.exec(token) ?? [];
  if (text === undefined) return null;
  // Every secret is tried: how long it takes does not say which one is right.
  const isSigned = secrets.map((secret) => isSame(signatureOf(secret, text), signature)).includes(true);
  const bytes = Buffer.from(head, "base64url");
  const expiresAt = bytes.readUIntBE(idBytes, timeBytes) * 1_000;
  if (!isSigned || expiresAt <= now) return null;
  return { notificationId: bytes.readUIntBE(0, idBytes), identity, expiresAt };
}

function signatureOf(secret: Uint8Array, text: string): string {
  return createHmac("sha256", secret).update(text).digest().subarray(0, signatureBytes).toString("base64url");
}

/** As texts: of two texts that mean the same bytes, one was not made here. Both are 22 ASCII characters. */
function isSame(wanted: string, given: string): boolean {
  return timingSafeEqual(Buffer.from(wanted), Buffer.from(given));
}
