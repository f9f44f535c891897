// Who may see the console, and as what: by the session of the log-in page, or by credentials in the request.

import type { IncomingMessage } from "node:http";
import type { Auth, Credential, PasswordCredential } from "../config/config.ts";
import type { Clock } from "../observe/clock.ts";
import { isToken, judgeHead, type Presented } from "./auth.ts";
import { clientOf } from "./client.ts";
import { busy, type Guard, presentedBy, type RejectedRequest } from "./guard.ts";
import type { VerifyFor } from "./passwords.ts";
import { type Role, roles, type Sessions } from "./session.ts";

interface AllowedVisitor {
  readonly kind: "allowed";
  readonly role: Role;
}

/** What was typed into the log-in page; without a user name, the password is a token. */
export interface TypedCredentials {
  readonly username: string;
  readonly password: string;
}

interface Judged {
  readonly presented: Presented;
  /** What was typed without a user name. */
  readonly token: string | null;
  readonly req: IncomingMessage;
}

export interface VisitorsDeps {
  readonly auth: Auth;
  /** Of --web.config.file. */
  readonly users: readonly PasswordCredential[];
  readonly guard: Guard;
  readonly verify: VerifyFor;
  readonly clock: Clock;
  readonly sessions: Sessions;
}

export interface Visitors {
  /** Whether somebody can log in: the config has credentials that can be typed. */
  readonly canLogIn: boolean;
  /** Users of --web.config.file are in front of everything, also of the log-in page. */
  front(req: IncomingMessage): Promise<{ readonly kind: "allowed" } | RejectedRequest>;
  /** `anonymous`: without credentials. A person may be shown the log-in page. */
  visit(req: IncomingMessage): Promise<AllowedVisitor | { readonly kind: "anonymous" } | RejectedRequest>;
  logIn(req: IncomingMessage, typed: TypedCredentials): Promise<AllowedVisitor | RejectedRequest>;
}

export function createVisitors({ auth, users, guard, verify, clock, sessions }: VisitorsDeps): Visitors {
  const credentials: Readonly<Record<Role, readonly Credential[]>> = { admin: auth.admin, viewer: auth.viewer };
  const judge = async ({ presented, token, req }: Judged): Promise<AllowedVisitor | "missing" | "wrong"> => {
    let isWrong = false;
    for (const role of roles) {
      const own = credentials[role];
      if (own.length === 0) continue;
      if (token !== null && own.some((credential) => isToken(credential, token))) return { kind: "allowed", role };
      const verdict = await judgeHead(own, presented, { now: clock.wall(), verify: verify(clientOf(req)) });
      if (verdict.kind === "allowed") return { kind: "allowed", role };
      isWrong ||= verdict.kind === "needsBody" || verdict.reason !== "missing";
    }
    return isWrong ? "wrong" : "missing";
  };
  return {
    canLogIn: [...auth.admin, ...auth.viewer].some(({ kind }) => kind !== "hmac"),
    front: (req) => guard.front(req),
    async visit(req) {
      const front = await guard.front(req);
      if (front.kind === "rejected") return front;
      const session = sessions.roleIn(req.headers.cookie, clock.wall());
      if (session !== null) return { kind: "allowed", role: session };
      const judged = await judge({ presented: presentedBy(req), token: null, req }).catch(busy);
      if (typeof judged === "object") return judged;
      // What a user of --web.config.file sent is not meant for the console.
      const isAnonymous = asksForPage(req) && (judged === "missing" || users.length > 0);
      if (isAnonymous && auth.admin.length > 0) return { kind: "anonymous" };
      const admin = await guard.admin(req);
      if (admin.kind !== "rejected") return { kind: "allowed", role: "admin" };
      return isAnonymous && auth.viewer.length > 0 ? { kind: "anonymous" } : admin;
    },
    async logIn(req, { username, password }) {
      const judged = await judge({
        presented: typedAs(username, password),
        token: username === "" ? password : null,
        req,
      }).catch(busy);
      return typeof judged === "object" ? judged : guard.wrong(req);
    },
  };
}

function asksForPage({ method, headers }: IncomingMessage): boolean {
  return (method === "GET" || method === "HEAD") && /\btext\/html\b/u.test(headers.accept ?? "");
}

/** As a browser would send it. */
function typedAs(username: string, password: string): Presented {
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  return { header: (name) => (name === "authorization" && username !== "" ? basic : null), query: () => null };
}
