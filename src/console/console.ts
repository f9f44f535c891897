// The console: pages for people at `/`, behind the guard. It shows what the service knows and passes on what an operator asks for.

import express, { type Request, type RequestHandler, type Response, Router } from "express";
import type { Auth } from "../config/config.ts";
import type { Language } from "../domain/message-kind.ts";
import type { Log } from "../observe/log.ts";
import { errorResponse, sendResponse } from "../receive/json-response.ts";
import type { Role, Sessions } from "../receive/session.ts";
import type { Visitors } from "../receive/visitors.ts";
import { createAssets } from "./assets.ts";
import { logInPages, seeOther } from "./log-in.ts";
import { languageFor, type MakePage, type Page, rootFrom, type Visit } from "./page.ts";
import { type ConsoleStrings, consoleStrings } from "./strings.ts";
import { createViews, viewsFolder } from "./views.ts";

export interface ConsoleDeps {
  readonly auth: Auth;
  readonly visitors: Visitors;
  readonly sessions: Sessions;
  readonly language: Language;
  readonly log: Log;
  /** By the machine's clock. */
  readonly now: () => number;
  /** In the order of the navigation, which has the first page of each. */
  readonly sections: readonly ConsoleSection[];
}

export interface ConsoleSection {
  readonly name: (strings: ConsoleStrings) => string;
  /** Viewers do not see it. */
  readonly adminOnly: boolean;
  /** How many entries wait for the reader; null for a section without such a number. */
  readonly count: (() => Promise<number>) | null;
  /** By path. */
  readonly pages: Readonly<Record<string, MakePage>>;
  /** What buttons do, by path; for administrators. */
  readonly actions: Readonly<Record<string, ConsoleAction>>;
}

interface Download {
  readonly file: string;
  readonly text: string;
}

/** The path of the page that shows what has become of it, or a page or file; null when there is nothing at this address. */
type ActionResult = string | Page | Download | null;

export type ConsoleAction = (visit: Visit, req: Request) => ActionResult | Promise<ActionResult>;

/** Own style and scripts, no inline ones, nothing from elsewhere; pictures of messages are `data:`. */
const consolePolicy =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export function createConsole(deps: ConsoleDeps): Router {
  const { visitors, sections } = deps;
  const router = Router();
  const assets = createAssets();
  const views = createViews(viewsFolder);
  const languageOf = (req: Request) => languageFor(req.headers["accept-language"], deps.language);
  const stringsFor = (req: Request) => consoleStrings[languageOf(req)];

  const show = (req: Request, res: Response, page: Page, shell: Shell = publicShell) => {
    const html = views(page.view, {
      ...page.model,
      ...shell,
      t: stringsFor(req),
      title: page.title,
      root: rootFrom(req.path),
      assets: assets.addresses(),
    });
    setHeaders(res);
    res.type("html").end(html);
  };
  const shellFor = async ({ role, strings }: Visit, req: Request): Promise<Shell> => ({
    nav: await Promise.all(
      sections.filter(({ adminOnly }) => role === "admin" || !adminOnly).map((one) => navEntry(one, strings, req.path)),
    ),
    isAdmin: role === "admin",
    canLogOut: req.headers.cookie !== undefined && visitors.canLogIn,
  });
  const showTo = async (visit: Visit, req: Request, res: Response, page: Page | null) => {
    if (page === null) res.status(404);
    show(req, res, page ?? notFound(visit), await shellFor(visit, req));
  };

  const front: RequestHandler = async (req, res, next) => {
    const user = await visitors.front(req);
    if (user.kind === "rejected") sendResponse(res, user.response);
    else next();
  };
  router.use("/assets", front, assets.router);
  if (visitors.canLogIn) {
    const secure = (req: Request) => "encrypted" in req.socket;
    const beginSession = (role: Role, req: Request) =>
      deps.sessions.begin(role, { now: deps.now(), secure: secure(req) });
    router.use(["/login", "/logout"], front);
    router.use(logInPages({ ...deps, beginSession, endedSession: deps.sessions.ended, show, stringsFor }));
  }
  const visitOf = (req: Request, role: Role) => ({ role, language: languageOf(req), strings: stringsFor(req) });
  for (const { pages, adminOnly } of sections) {
    for (const [path, make] of Object.entries(pages)) {
      router.get(path, async (req, res) => {
        const visitor = await visitors.visit(req);
        if (visitor.kind === "rejected") return sendResponse(res, visitor.response);
        if (visitor.kind === "anonymous") {
          setHeaders(res);
          return seeOther(res, `${rootFrom(req.path)}login?next=${encodeURIComponent(req.url)}`);
        }
        const visit = visitOf(req, visitor.role);
        const isHidden = adminOnly && visitor.role !== "admin";
        await showTo(visit, req, res, isHidden ? null : await make(visit, req));
      });
    }
  }
  const readForm = express.urlencoded({ extended: false, limit: "256kb" });
  for (const [path, act] of sections.flatMap(({ actions }) => Object.entries(actions))) {
    router.post(path, onlyAdministrators(visitors), readForm, async (req, res) => {
      const visit = visitOf(req, "admin");
      const result = await act(visit, req);
      setHeaders(res);
      if (typeof result === "string") seeOther(res, rootFrom(req.path) + result.slice(1));
      else if (result !== null && "file" in result) res.attachment(result.file).end(result.text);
      else await showTo(visit, req, res, result);
    });
  }
  return router;
}

/** What every page has around it. */
interface Shell {
  readonly nav: readonly NavEntry[];
  readonly isAdmin: boolean;
  readonly canLogOut: boolean;
}

interface NavEntry {
  readonly path: string;
  readonly name: string;
  readonly current: boolean;
  readonly count: number;
}

const publicShell: Shell = { nav: [], isAdmin: false, canLogOut: false };

async function navEntry(
  { name, pages, count }: ConsoleSection,
  strings: ConsoleStrings,
  at: string,
): Promise<NavEntry> {
  const [path = "/"] = Object.keys(pages);
  return {
    path: path.slice(1),
    name: name(strings),
    current: path === "/" ? at === path : at.startsWith(path),
    // The page says so itself when the storage does not answer.
    count: count === null ? 0 : await count().catch(() => 0),
  };
}

function onlyAdministrators(visitors: Visitors): RequestHandler {
  return async (req, res, next) => {
    const visitor = await visitors.visit(req);
    if (visitor.kind === "rejected") sendResponse(res, visitor.response);
    else if (visitor.kind === "allowed" && visitor.role === "admin") next();
    else sendResponse(res, errorResponse(403, "viewer", "this needs the credentials of auth.admin"));
  };
}

function notFound({ strings }: Visit): Page {
  return { view: "message", title: strings.notFound, model: { text: strings.notFoundHint } };
}

function setHeaders(res: Response): void {
  res.set({
    "Content-Security-Policy": consolePolicy,
    // With `no-referrer`, browsers write `Origin: null` into the forms of these pages.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    Vary: "Accept-Language, Cookie",
  });
}
