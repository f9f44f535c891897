// Ways to prove that a request may come in. A request passes when it satisfies any entry of its list; an empty list is open.

import type { Secret } from "./secret.ts";

export type Credential =
  /** `Authorization: <scheme> <credentials>`; the scheme is compared without regard to case. Bearer tokens are one. */
  | { readonly kind: "authorization"; readonly scheme: string; readonly credentials: Secret }
  | PasswordCredential
  | SignatureCredential
  | { readonly kind: "header"; readonly name: string; readonly value: Secret }
  | { readonly kind: "query"; readonly name: string; readonly value: Secret };

export interface PasswordCredential {
  readonly kind: "basic";
  readonly username: string;
  /** bcrypt, `$2a$`, `$2b$` or `$2y$`. */
  readonly passwordHash: Secret;
}

/** Grafana's HMAC: lower-case hex of HMAC-SHA256 over the body, or over `<unix seconds>:` and the body when there is a timestamp header. */
export interface SignatureCredential {
  readonly kind: "hmac";
  readonly secret: Secret;
  readonly header: string;
  /** Null: not signed with a time, so a captured request can be sent again at any time. */
  readonly timestampHeader: string | null;
  /** How far the signed time may lie from ours, to either side. */
  readonly maxAgeMs: number;
}

export interface Auth {
  /** For every hook but those in `bots`. */
  readonly webhook: readonly Credential[];
  /** By bot, for `/webhook/bot/<name>`, in place of `webhook`. */
  readonly bots: ReadonlyMap<string, readonly Credential[]>;
  /** For everything that is neither a hook nor a probe. */
  readonly admin: readonly Credential[];
}
