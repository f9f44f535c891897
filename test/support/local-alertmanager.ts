// As much of Alertmanager's API v2 as the phone page uses, in this process; test/e2e has the real one. A test sets its alerts, and how
// it fails.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseMatchers } from "../../src/route/matcher.ts";

type Labels = Readonly<Record<string, string>>;

interface PostedMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

export interface PostedSilence {
  readonly id: string;
  readonly matchers: readonly PostedMatcher[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

export interface LocalAlertmanager {
  readonly origin: string;
  /** That fire now. */
  alerts: readonly Labels[];
  /** Of all of them. */
  startsAt: string;
  /** `hang`: no answer; `silent`: it does what it is asked and does not answer; a number: this status, with `message`. */
  answer: "normal" | "hang" | "silent" | number;
  message: string;
  /** Called before a silence is made. */
  beforeSilence: () => void;
  readonly silences: PostedSilence[];
  /** Every request as `GET /path`, with its Authorization header. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[];
  close(): void;
}

/** @param now by which silences end */
export async function startLocalAlertmanager(now: () => number = Date.now): Promise<LocalAlertmanager> {
  const server = createServer((req, res) => void answer(req, res));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const own: LocalAlertmanager = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    alerts: [],
    startsAt: "2026-11-30T05:55:00.000Z",
    answer: "normal",
    message: "",
    beforeSilence: () => {},
    silences: [],
    requests: [],
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  const send = (res: ServerResponse, status: number, body: unknown) => {
    if (own.answer === "silent") return;
    res.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  };
  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { method = "", url = "" } = req;
    own.requests.push({ line: `${method} ${url}`, authorization: req.headers.authorization });
    let body = "";
    for await (const chunk of req) body += chunk;
    if (method === "POST") own.beforeSilence();
    if (own.answer === "hang") return;
    if (own.answer !== "normal" && own.answer !== "silent") return send(res, own.answer, own.message);
    const { pathname, searchParams } = new URL(url, own.origin);
    const id = /^\/api\/v2\/silence\/(.+)$/u.exec(pathname)?.[1];
    if (pathname === "/api/v2/alerts") return send(res, 200, alertsOf(own, searchParams.getAll("filter"), now()));
    if (pathname === "/api/v2/silences" && method === "POST") return send(res, 200, { silenceID: added(own, body) });
    const silence = own.silences.find((one) => one.id === id);
    if (silence === undefined) return send(res, 404, "not found");
    if (method === "DELETE") expire(own, silence, now());
    send(res, 200, { ...silence, status: { state: isInForce(silence, now()) ? "active" : "expired" } });
  }
  return own;
}

function isInForce({ endsAt }: PostedSilence, now: number): boolean {
  return Date.parse(endsAt) > now;
}

function expire({ silences }: LocalAlertmanager, silence: PostedSilence, now: number): void {
  silences[silences.indexOf(silence)] = { ...silence, endsAt: new Date(now).toISOString() };
}

function alertsOf(own: LocalAlertmanager, filters: readonly string[], now: number): readonly object[] {
  const silences = own.silences.filter((silence) => isInForce(silence, now));
  const matchers = filters.flatMap((filter) => {
    const parsed = parseMatchers(filter);
    return parsed.kind === "parsed" ? parsed.matchers : [];
  });
  const found = own.alerts.filter((labels) => matchers.every((matcher) => matcher.matches(labels)));
  return found.map((labels) => {
    const covering = silences.filter((one) => one.matchers.every((matcher) => matches(labels, matcher)));
    const silencedBy = covering.map(({ id }) => id);
    const state = silencedBy.length > 0 ? "suppressed" : "active";
    return { labels, startsAt: own.startsAt, status: { state, silencedBy, inhibitedBy: [] } };
  });
}

function matches(labels: Labels, { name, value, isRegex, isEqual }: PostedMatcher): boolean {
  const held = labels[name] ?? "";
  return (isRegex ? new RegExp(`^(?:${value})$`, "u").test(held) : held === value) === isEqual;
}

function added({ silences }: LocalAlertmanager, body: string): string {
  const id = `00000000-0000-4000-8000-${String(silences.length + 1).padStart(12, "0")}`;
  silences.push({ id, ...(JSON.parse(body) as Omit<PostedSilence, "id">) });
  return id;
}
