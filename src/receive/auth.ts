// Whether a request may come in, from what it presents and the credentials it has to satisfy one of. Two steps: everything but
// signatures is judged before a byte of the body is read, so that strangers can not make us read. Pure but for what it is given.

import type { Credential, PasswordCredential, SignatureCredential } from "../config/config.ts";
import type { AuthReason } from "../observe/receive-metrics.ts";
import type { Replays } from "./replays.ts";

export type AuthVerdict =
  | { readonly kind: "allowed" }
  /** Only a signature can let it pass: `judgeBody` decides. */
  | { readonly kind: "needsBody" }
  /** 401: other credentials may help. 403: right ones at the wrong time. */
  | { readonly kind: "refused"; readonly status: 401 | 403; readonly reason: AuthReason };

/** What a request shows of itself. */
export interface Presented {
  header(name: string): string | null;
  query(name: string): string | null;
}

/** Whether the password belongs to the hash; rejects when too many wait for an answer. */
export type VerifyPassword = (password: string, credential: PasswordCredential) => Promise<boolean>;

export interface HeadDeps {
  readonly now: number;
  readonly verify: VerifyPassword;
}

export async function judgeHead(
  credentials: readonly Credential[],
  presented: Presented,
  { now, verify }: HeadDeps,
): Promise<AuthVerdict> {
  if (credentials.length === 0) return { kind: "allowed" };
  const tokens = credentials.map((credential) => judgeToken(credential, presented));
  if (tokens.includes("right")) return { kind: "allowed" };
  const password = await judgePassword(credentials.filter(isPassword), presented, verify);
  if (password === "right") return { kind: "allowed" };
  const signatures = credentials.filter(isSignature).map((credential) => judgeTime(credential, presented, now));
  if (signatures.includes("fresh")) return { kind: "needsBody" };
  if (signatures.includes("stale")) return refused("stale");
  return refused([...tokens, ...signatures, password].includes("wrong") ? "wrong" : "missing");
}

export interface BodyDeps {
  readonly now: number;
  readonly replays: Replays;
}

/** The second step, over the bytes as the sender signed them. A signature with a time passes once. */
export function judgeBody(
  credentials: readonly Credential[],
  presented: Presented,
  { bytes, now, replays }: BodyDeps & { readonly bytes: Uint8Array },
): AuthVerdict {
  const fitting = credentials.filter(isSignature).find((credential) => signs(credential, presented, { bytes, now }));
  if (fitting === undefined) return refused("wrong");
  if (fitting.timestampHeader === null) return { kind: "allowed" };
  const signature = presented.header(fitting.header) ?? "";
  const signedAt = secondsOf(presented.header(fitting.timestampHeader)) * 1_000;
  return replays.claim(signature, { untilAt: signedAt + fitting.maxAgeMs, now })
    ? { kind: "allowed" }
    : refused("replayed");
}

/** The value of WWW-Authenticate: the schemes that would be read; null when none of the credentials is one. */
export function challenge(credentials: readonly Credential[]): string | null {
  const schemes = credentials.flatMap((credential) => {
    if (credential.kind === "basic") return ['Basic realm="alertmanager-wecom", charset="UTF-8"'];
    return credential.kind === "authorization" ? [`${credential.scheme} realm="alertmanager-wecom"`] : [];
  });
  return schemes.length === 0 ? null : [...new Set(schemes)].join(", ");
}

type Judged = "right" | "wrong" | "absent";

function judgeToken(credential: Credential, presented: Presented): Judged {
  switch (credential.kind) {
    case "authorization": {
      const given = authorizationOf(presented);
      if (given === null || given.scheme !== credential.scheme.toLowerCase()) return "absent";
      return credential.credentials.equals(given.credentials) ? "right" : "wrong";
    }
    case "header":
      return compared(presented.header(credential.name), credential);
    case "query":
      return compared(presented.query(credential.name), credential);
    case "basic":
    case "hmac":
      return "absent";
  }
}

function compared(given: string | null, { value }: Extract<Credential, { readonly kind: "header" | "query" }>): Judged {
  if (given === null) return "absent";
  return value.equals(given) ? "right" : "wrong";
}

/** An unknown name costs as much time as a known one, so that names can not be found out. */
async function judgePassword(
  credentials: readonly PasswordCredential[],
  presented: Presented,
  verify: VerifyPassword,
): Promise<Judged> {
  const given = authorizationOf(presented);
  const [first] = credentials;
  if (first === undefined || given === null || given.scheme !== "basic") return "absent";
  const { username, password } = splitPair(Buffer.from(given.credentials, "base64").toString("utf8"));
  const named = credentials.filter((credential) => credential.username === username);
  for (const credential of named) if (await verify(password, credential)) return "right";
  if (named.length === 0) await verify(password, first);
  return "wrong";
}

/** A password may have colons in it, a name may not (RFC 7617). */
function splitPair(pair: string): { readonly username: string; readonly password: string } {
  const colon = pair.indexOf(":");
  return colon < 0
    ? { username: pair, password: "" }
    : { username: pair.slice(0, colon), password: pair.slice(colon + 1) };
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

interface Signed {
  readonly bytes: Uint8Array;
  readonly now: number;
}

function signs(credential: SignatureCredential, presented: Presented, { bytes, now }: Signed): boolean {
  if (judgeTime(credential, presented, now) !== "fresh") return false;
  const { header, timestampHeader, secret } = credential;
  const prefix = timestampHeader === null ? "" : `${presented.header(timestampHeader) ?? ""}:`;
  return secret.signed([prefix, bytes], presented.header(header) ?? "");
}

/** Unix seconds as Grafana writes them; NaN for anything else. */
function secondsOf(text: string | null): number {
  return /^\d{1,12}$/.test(text ?? "") ? Number(text) : Number.NaN;
}

function isPassword(credential: Credential): credential is PasswordCredential {
  return credential.kind === "basic";
}

function isSignature(credential: Credential): credential is SignatureCredential {
  return credential.kind === "hmac";
}

function refused(reason: AuthReason): AuthVerdict {
  return { kind: "refused", status: reason === "stale" || reason === "replayed" ? 403 : 401, reason };
}
