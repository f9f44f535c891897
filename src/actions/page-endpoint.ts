// `GET, POST /a/<token>` over HTTP: tokens, methods, limits, headers. The token is the permission. A GET changes nothing.

import express, { type Request, type Response, Router } from "express";
import type { PhonePageCode } from "../observe/phone-page-metrics.ts";
import type { LinkPace } from "./link-pace.ts";
import type { PhoneView } from "./page-parts.ts";
import { readForm, type SubmittedForm } from "./submitted-form.ts";
import { type LinkToken, readLinkToken } from "./token.ts";

/** What is answered with a page. */
export interface PageAnswer {
  readonly status: PhonePageCode;
  readonly view: PhoneView;
}

/** A form that did what it asked for: the next request is a GET, so that a reload does not ask for it again. */
export interface DoneAnswer {
  readonly status: 303;
  /** For the query of that request. */
  readonly done: string;
  /** `Set-Cookie`; null for none. */
  readonly cookie: string | null;
}

export interface PageEndpoint {
  /** The first one signs. */
  readonly keys: readonly Uint8Array[];
  /** By the machine's clock. */
  readonly now: () => number;
  readonly pace: LinkPace;
  read(link: LinkToken, req: Request): Promise<PageAnswer>;
  submit(link: LinkToken, form: SubmittedForm, req: Request): Promise<PageAnswer | DoneAnswer>;
  /** A page without an alert. */
  message(about: "gone" | "tooMany" | "unreadable" | "unavailable", req: Request): PhoneView;
  render(view: PhoneView): { readonly html: string; readonly style: string };
  answered(code: PhonePageCode): void;
}

/** A form has a name, a scope and a duration. */
const formMaxSize = "4kb";

export function pageEndpoint(endpoint: PageEndpoint): Router {
  const router = Router();
  router.all("/:token", (req, res) => answerTo(endpoint, req, res));
  return router;
}

async function answerTo(endpoint: PageEndpoint, req: Request, res: Response): Promise<void> {
  const show = (status: PhonePageCode, view: PhoneView) => sendPage(endpoint, res, { status, view });
  const isRead = req.method === "GET" || req.method === "HEAD";
  if (!isRead && req.method !== "POST") {
    res.set("Allow", "GET, HEAD, POST");
    return show(405, endpoint.message("unreadable", req));
  }
  const token = String(req.params.token);
  const link = readLinkToken(endpoint.keys, token, endpoint.now());
  if (link === null) return show(404, endpoint.message("gone", req));
  if (!endpoint.pace.allows(paceKey(link), isRead ? "read" : "act")) return show(429, endpoint.message("tooMany", req));
  try {
    if (isRead) return sendPage(endpoint, res, await endpoint.read(link, req));
    const body = await formOf(req, res);
    if (body === "tooLarge") return show(413, endpoint.message("unreadable", req));
    const form = readForm(body);
    if (form === null) return show(400, endpoint.message("unreadable", req));
    const answer = await endpoint.submit(link, form, req);
    if ("view" in answer) return sendPage(endpoint, res, answer);
    setHeaders(res, null);
    if (answer.cookie !== null) res.set("Set-Cookie", answer.cookie);
    endpoint.answered(303);
    // Relative to the folder of the page: a proxy may serve it below another path.
    res.status(303).set("Location", `${token}?done=${answer.done}`).end();
  } catch (cause) {
    if (!isAway(cause)) throw cause;
    show(503, endpoint.message("unavailable", req));
  }
}

/** The same for all links to one alert of a notification. */
function paceKey({ notificationId, identity }: LinkToken): string {
  return `${notificationId} ${identity ?? ""}`;
}

const parseForm = express.urlencoded({ extended: false, limit: formMaxSize });

/** Undefined for a body that is no form. */
function formOf(req: Request, res: Response): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  parseForm(req, res, (error?: unknown) => {
    if (error === undefined) resolve(req.body);
    else if (statusOf(error) === 413) resolve("tooLarge");
    else if ((statusOf(error) ?? 500) < 500) resolve(undefined);
    else reject(error);
  });
  return promise;
}

function statusOf(error: unknown): number | null {
  return typeof error === "object" && error !== null && "status" in error && typeof error.status === "number"
    ? error.status
    : null;
}

/** OutboxAway, which this folder does not import. */
function isAway(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "outbox_away";
}

function sendPage(endpoint: PageEndpoint, res: Response, { status, view }: PageAnswer): void {
  const { html, style } = endpoint.render(view);
  setHeaders(res, style);
  endpoint.answered(status);
  res.status(status).type("html").end(html);
}

/**
 * No script, nothing from other addresses; the style is in the page, and is allowed by its hash. With `no-referrer`, browsers would write
 * `Origin: null` into the form of the page.
 */
function setHeaders(res: Response, style: string | null): void {
  const policy = `default-src 'none'; ${style === null ? "" : `style-src '${style}'; `}img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;
  res.set({
    "Content-Security-Policy": policy,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
    Vary: "Accept-Language, Cookie",
  });
}
