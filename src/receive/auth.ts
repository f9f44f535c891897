// Whether a request satisfies one of the credentials. In two steps: everything but a signature is checked before the body is read,
// so that a client without credentials cannot make us read a body.

import { hash } from "node:crypto";
import type { Credential, PasswordCredential, SignatureCredential } from "../config/config.ts";
import type { Secret } from "../config/secret.ts";
import type { AuthReason } from "../observe/metrics.ts";
import type { RequestSignature } from "../outbox/store.ts";

export type AuthVerdict =
  /** The outbox must not accept the signature twice. Null for none, or for one without a time. */
  | { readonly kind: "allowed"; readonly signature: RequestSignature | null }
  /** Only a signature can be right: `judgeBody` decides. */
  | { readonly kind: "needsBody" }
  | { readonly kind: "rejected"; readonly reason: AuthReason };

const allowed = { kind: "allowed", signature: null } as const;

/** The parts of a request that may hold credentials. */
export interface Presented {
  header(name: string): string | null;
  query(name: string): string | null;
}

/** Whether the password belongs to the hash. Rejects with PasswordsBusy when too many comparisons are waiting. */
export type VerifyPassword = (password: string, credential: PasswordCredential) => Promise<boolean>;

export interface HeadContext {
  readonly now: number;
  readonly verify: VerifyPassword;
}

export async function judgeHead(
  credentials: readonly Credential[],
  presented: Presented,
  { now, verify }: HeadContext,
): Promise<AuthVerdict> {
  if (credentials.length === 0) return allowed;
  const tokens = credentials.map((credential) => judgeToken(credential, presented));
  if (tokens.includes("right")) return allowed;
  const password = await judgePassword(
    credentials.filter((credential) => credential.kind === "basic"),
    presented,
    verify,
  );
  if (password === "right") return allowed;
  const signatures = signaturesOf(credentials).map((credential) => judgeTime(credential, presented, now));
  if (signatures.includes("fresh")) return { kind: "needsBody" };
  if (signatures.includes("stale")) return authFailure("stale");
  return authFailure([...tokens, ...signatures, password].includes("wrong") ? "wrong" : "missing");
}

export interface SignedBody {
  readonly bytes: Uint8Array;
  readonly now: number;
  /** The same instant by the outbox's clock: signatures expire by it. */
  readonly outboxNow: number;
}

/** The second step, over the bytes as the sender signed them. */
export function judgeBody(
  credentials: readonly Credential[],
  presented: Presented,
  body: SignedBody,
): Exclude<AuthVerdict, { kind: "needsBody" }> {
  const matching = signaturesOf(credentials).find((credential) => signs(credential, presented, body));
  if (matching === undefined) return authFailure("wrong");
  if (matching.timestampHeader === null) return allowed;
  const id = hash("sha256", presented.header(matching.header) ?? "", "base64url");
  const signedAt = secondsOf(presented.header(matching.timestampHeader)) * 1_000;
  // As `judgeTime` decides: a request is still fresh at exactly its greatest age.
  const staleInMs = signedAt + matching.maxAgeMs + 1 - body.now;
  return { kind: "allowed", signature: { id, expiresAt: body.outboxNow + staleInMs } };
}

/** The value of WWW-Authenticate: the schemes of the credentials; null when they have none. */
export function challenge(credentials: readonly Credential[]): string | null {
  const schemes = credentials.flatMap((credential) => {
    if (credential.kind === "basic") return ['Basic realm="alertmanager-wecom", charset="UTF-8"'];
    return credential.kind === "authorization" ? [`${credential.scheme} realm="alertmanager-wecom"`] : [];
  });
  return schemes.length === 0 ? null : [...new Set(schemes)].join(", ");
}

type Comparison = "right" | "wrong" | "absent";

function judgeToken(credential: Credential, presented: Presented): Comparison {
  switch (credential.kind) {
    case "authorization": {
      const given = authorizationOf(presented);
      if (given === null || given.scheme !== credential.scheme.toLowerCase()) return "absent";
      return credential.credentials.equals(given.credentials) ? "right" : "wrong";
    }
    case "header":
      return compareValue(presented.header(credential.name), credential.value);
    case "query":
      return compareValue(presented.query(credential.name), credential.value);
    case "basic":
    case "hmac":
      return "absent";
  }
}

/** What can be typed without a user name. */
export function isToken(credential: Credential, text: string): boolean {
  switch (credential.kind) {
    case "authorization":
      return credential.credentials.equals(text);
    case "header":
    case "query":
      return credential.value.equals(text);
    case "basic":
    case "hmac":
      return false;
  }
}

function compareValue(given: string | null, value: Secret): Comparison {
  if (given === null) return "absent";
  return value.equals(given) ? "right" : "wrong";
}

/** An unknown name takes as long as a known one, so that names cannot be found out. */
async function judgePassword(
  credentials: readonly PasswordCredential[],
  presented: Presented,
  verify: VerifyPassword,
): Promise<Comparison> {
  const given = authorizationOf(presented);
  const [first] = credentials;
  if (first === undefined || given === null || given.scheme !== "basic") return "absent";
  // A password may contain colons, a name may not (RFC 7617).
  const pair = Buffer.from(given.credentials, "base64").toString("utf8");
  const [username = ""] = pair.split(":", 1);
  const password = pair.slice(username.length + 1);
  const named = credentials.filter((credential) => credential.username === username);
  for (const credential of named) if (await verify(password, credential)) return "right";
  if (named.length === 0) await verify(password, first);
  return "wrong";
}

function authorizationOf(presented: Presented): { readonly scheme: string; readonly credentials: string } | null {
  const text = presented.header("authorization")?.trim() ?? "";
  if (text === "") return null;
  const space = text.search(/\s|$/);
  return { scheme: text.slice(0, space).toLowerCase(), credentials: text.slice(space).trim() };
}

function judgeTime(
  { header, timestampHeader, maxAgeMs }: SignatureCredential,
  presented: Presented,
  now: number,
): "fresh" | "stale" | "wrong" | "absent" {
  if (presented.header(header) === null) return "absent";
  if (timestampHeader === null) return "fresh";
  const signedAt = secondsOf(presented.header(timestampHeader)) * 1_000;
  if (Number.isNaN(signedAt)) return "wrong";
  return Math.abs(now - signedAt) <= maxAgeMs ? "fresh" : "stale";
}

function signs(credential: SignatureCredential, presented: Presented, { bytes, now }: SignedBody): boolean {
  if (judgeTime(credential, presented, now) !== "fresh") return false;
  const { header, timestampHeader, secret } = credential;
  const prefix = timestampHeader === null ? "" : `${presented.header(timestampHeader) ?? ""}:`;
  return secret.signed([prefix, bytes], presented.header(header) ?? "");
}

/** Unix seconds as Grafana writes them; NaN for anything else. */
function secondsOf(text: string | null): number {
  return /^\d{1,12}$/.test(text ?? "") ? Number(text) : Number.NaN;
}

function signaturesOf(credentials: readonly Credential[]): readonly SignatureCredential[] {
  return credentials.filter((credential) => credential.kind === "hmac");
}

function authFailure(reason: AuthReason) {
  return { kind: "rejected", reason } as const;
}
