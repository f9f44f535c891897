// Every kind of credential with a request that satisfies it.

import { createHmac } from "node:crypto";
import bcrypt from "bcryptjs";
import type { Credential } from "../../../src/config/config.ts";
import { Secret } from "../../../src/config/secret.ts";

/** When the requests of the table are made, epoch ms. */
export const madeAt = Date.UTC(2026, 10, 22, 4);

export const body = '{"alerts":[{"status":"firing","labels":{"alertname":"盘满"}}]}';

export interface Request {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface CredentialKind {
  readonly name: string;
  readonly credential: Credential;
  /** A request with `secret` for `body`. */
  readonly request: (secret: string) => Request;
  /** The expected status of the same request sent again, and with another body. */
  readonly replayed: 200 | 403;
  readonly altered: 200 | 401;
}

export const rightSecret = "r1ght:s@cret";

const secret = new Secret(rightSecret);
const seconds = `${madeAt / 1_000}`;

function signature(key: string, prefix: string): string {
  return createHmac("sha256", key).update(`${prefix}${body}`).digest("hex");
}

function authorized(scheme: string) {
  return (given: string): Request => ({ path: "/webhook", headers: { authorization: `${scheme} ${given}` } });
}

export const credentialKinds: readonly CredentialKind[] = [
  {
    name: "bearer",
    credential: { kind: "authorization", scheme: "Bearer", credentials: secret },
    request: authorized("Bearer"),
    replayed: 200,
    altered: 200,
  },
  {
    name: "authorization",
    credential: { kind: "authorization", scheme: "Token", credentials: secret },
    request: authorized("Token"),
    replayed: 200,
    altered: 200,
  },
  {
    name: "basic",
    credential: { kind: "basic", username: "am", passwordHash: new Secret(bcrypt.hashSync(rightSecret, 4)) },
    request: (given) => authorized("Basic")(Buffer.from(`am:${given}`).toString("base64")),
    replayed: 200,
    altered: 200,
  },
  {
    name: "hmac",
    credential: { kind: "hmac", secret, header: "X-Sig", timestampHeader: null, maxAgeMs: 300_000 },
    request: (given) => ({ path: "/webhook", headers: { "x-sig": signature(given, "") } }),
    replayed: 200,
    altered: 401,
  },
  {
    name: "hmac with time",
    credential: { kind: "hmac", secret, header: "X-Sig", timestampHeader: "X-Time", maxAgeMs: 300_000 },
    request: (given) => ({
      path: "/webhook",
      headers: { "x-sig": signature(given, `${seconds}:`), "x-time": seconds },
    }),
    replayed: 403,
    altered: 401,
  },
  {
    name: "header",
    credential: { kind: "header", name: "X-Hook-Token", value: secret },
    request: (given) => ({ path: "/webhook", headers: { "x-hook-token": given } }),
    replayed: 200,
    altered: 200,
  },
  {
    name: "query",
    credential: { kind: "query", name: "token", value: secret },
    request: (given) => ({ path: `/webhook?token=${encodeURIComponent(given)}`, headers: {} }),
    replayed: 200,
    altered: 200,
  },
];
