// The cookie that the log-in page sets. It holds who logged in and until when, signed with a key that every replica derives from its
// config: a session needs no storage, counts on all replicas, and ends when the credentials in the config change.

import { createHmac, timingSafeEqual } from "node:crypto";

/** A viewer sees the console without what changes anything. */
export const roles = ["admin", "viewer"] as const;

export type Role = (typeof roles)[number];

/** One shift. */
const sessionMs = 8 * 3_600_000;

const cookieName = "alertmanager_wecom_session";

export interface Sessions {
  /** The value of `Set-Cookie`. */
  begin(role: Role, options: { readonly now: number; readonly secure: boolean }): string;
  /** Of the `Cookie` header; null for none, one that has ended, or one that is not ours. */
  roleIn(cookies: string | undefined, now: number): Role | null;
  /** `Set-Cookie` that ends the session in the browser; a copy of the cookie is valid until its time. */
  readonly ended: string;
}

export function createSessions(key: Uint8Array): Sessions {
  const sign = (text: string) => createHmac("sha256", key).update(text).digest("base64url");
  return {
    begin(role, { now, secure }) {
      const text = `${role}.${now + sessionMs}`;
      const value = `${text}.${sign(text)}`;
      const flags = `Path=/; Max-Age=${sessionMs / 1_000}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
      return `${cookieName}=${value}; ${flags}`;
    },
    roleIn(cookies, now) {
      const value = new RegExp(`(?:^|;\\s*)${cookieName}=([^;]*)`, "u").exec(cookies ?? "")?.[1] ?? "";
      const [, text = "", role, expiresAt, signature = ""] = /^((\w+)\.(\d+))\.([\w-]+)$/u.exec(value) ?? [];
      if (!isSame(sign(text), signature) || Number(expiresAt) <= now) return null;
      return roles.find((known) => known === role) ?? null;
    },
    ended: `${cookieName}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`,
  };
}

function isSame(wanted: string, given: string): boolean {
  const [a, b] = [Buffer.from(wanted), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
