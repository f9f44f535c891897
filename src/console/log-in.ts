// The log-in page, for users of basic authentication and for tokens.

import express, { type Request, type Response, Router } from "express";
import type { Auth } from "../config/config.ts";
import type { Log } from "../observe/log.ts";
import type { Role } from "../receive/session.ts";
import type { Visitors } from "../receive/visitors.ts";
import { fieldOf, localPath, type Page, rootFrom } from "./page.ts";
import type { ConsoleStrings } from "./strings.ts";

export interface LogInDeps {
  readonly auth: Auth;
  readonly visitors: Visitors;
  readonly log: Log;
  /** `Set-Cookie` for a session that begins now, and for one that ends. */
  readonly beginSession: (role: Role, req: Request) => string;
  readonly endedSession: string;
  readonly show: (req: Request, res: Response, page: Page) => void;
  readonly stringsFor: (req: Request) => ConsoleStrings;
}

interface LogInForm {
  readonly next: string;
  readonly failure: string | null;
}

export function logInPages(deps: LogInDeps): Router {
  const { auth, visitors, log, show, stringsFor } = deps;
  const router = Router();
  router.get("/login", (req, res) => {
    show(req, res, logInPage(auth, stringsFor(req), { next: localPath(req.query.next), failure: null }));
  });
  router.post("/login", express.urlencoded({ extended: false, limit: "4kb" }), async (req, res) => {
    const next = localPath(fieldOf(req.body, "next"));
    const typed = { username: fieldOf(req.body, "username").trim(), password: fieldOf(req.body, "password") };
    const visitor = await visitors.logIn(req, typed);
    if (visitor.kind === "rejected") {
      const { status } = visitor.response;
      const failure = status === 503 ? stringsFor(req).busyLogIn : stringsFor(req).wrongCredentials;
      return show(req, res.status(status), logInPage(auth, stringsFor(req), { next, failure }));
    }
    log.info({ address: req.socket.remoteAddress, role: visitor.role }, "logged in to the console");
    res.set("Set-Cookie", deps.beginSession(visitor.role, req));
    seeOther(res, rootFrom(req.path) + next.slice(1));
  });
  router.post("/logout", (req, res) => {
    res.set("Set-Cookie", deps.endedSession);
    seeOther(res, `${rootFrom(req.path)}login`);
  });
  return router;
}

function logInPage({ admin, viewer }: Auth, strings: ConsoleStrings, form: LogInForm): Page {
  const credentials = [...admin, ...viewer];
  const hasUsers = credentials.some(({ kind }) => kind === "basic");
  const hasTokens = credentials.some(({ kind }) => kind !== "basic" && kind !== "hmac");
  const either = hasUsers ? strings.passwordOrToken : strings.token;
  const passwordLabel = hasTokens ? either : strings.password;
  return { view: "login", title: strings.logIn, model: { ...form, hasUsers, hasTokens, passwordLabel } };
}

/** The next request is a GET. */
export function seeOther(res: Response, location: string): void {
  res.status(303).set("Location", location).end();
}
