// A receiver on the loopback with a fake `accept`, and requests to it.

import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { TestContext } from "node:test";
import type { Auth } from "../../../src/config/config.ts";
import type { ReadTls } from "../../../src/config/load-web.ts";
import { plainWeb, type WebConfig } from "../../../src/config/web-config.ts";
import type { Hook } from "../../../src/domain/intake.ts";
import type { Clock } from "../../../src/observe/clock.ts";
import { createLog } from "../../../src/observe/log.ts";
import { Metrics } from "../../../src/observe/metrics.ts";
import type { Accepted } from "../../../src/receive/accept.ts";
import type { VerifyPassword } from "../../../src/receive/auth.ts";
import { createAuthFailures } from "../../../src/receive/auth-failures.ts";
import { createBodyPool } from "../../../src/receive/body-pool.ts";
import { createGuard } from "../../../src/receive/guard.ts";
import { listen } from "../../../src/receive/listen.ts";
import { createLogPace } from "../../../src/receive/log-pace.ts";
import { createPasswords } from "../../../src/receive/passwords.ts";
import { createReceiver, type ReceiverDeps } from "../../../src/receive/server.ts";
import { ManualClock } from "../../support/manual-clock.ts";

export interface Taken {
  readonly bytes: Buffer;
  readonly hook: Hook;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** An address of the loopback. */
  readonly from?: string;
}

const accepted: Accepted = { kind: "accepted", notifications: 1, duplicates: 0, source: "alertmanager" };

const bodyShares = { largeBytes: 64 * 2 ** 20, smallBytes: 64 * 2 ** 20, parsedBytes: 64 * 2 ** 20 };

export const openToAll: Auth = { webhook: [], bots: new Map(), admin: [], viewer: [] };

/** A sleep ends at once and advances the clock by its length. */
export class HastyClock extends ManualClock {
  override sleep(ms: number, signal: AbortSignal): Promise<void> {
    const slept = super.sleep(ms, signal);
    void this.advance(ms);
    return slept;
  }
}

export interface Receiving extends Partial<Omit<ReceiverDeps, "guard">> {
  /** A HastyClock when absent. */
  readonly clock?: Clock;
  /** Has the time of `clock` when absent. */
  readonly outbox?: { now(): number };
  readonly auth?: Auth;
  readonly web?: WebConfig;
  readonly readTls?: ReadTls;
  /** Real bcrypt when absent. */
  readonly verify?: VerifyPassword;
  readonly bodyTimeoutMs?: number;
  readonly maxConnections?: number;
  readonly stalledMs?: number;
}

export async function receiving(
  t: TestContext,
  {
    auth = openToAll,
    web = plainWeb,
    readTls,
    verify,
    clock = new HastyClock(0),
    outbox = clock,
    bodyTimeoutMs,
    maxConnections = 1_000,
    stalledMs,
    ...deps
  }: Receiving = {},
) {
  const taken: Taken[] = [];
  const signatures = new Set<string>();
  const lines: string[] = [];
  const metrics = new Metrics(["ops"], "1.2.3");
  const log = createLog({ level: "debug", format: "logfmt", write: (line) => lines.push(line) });
  const failures = createAuthFailures();
  const passwords = createPasswords((client) => failures.failed(client, clock.now()));
  t.after(() => passwords.close());
  const now = () => clock.now();
  const app = createReceiver({
    accept: async ({ bytes }, hook, { signature }) => {
      if (signature !== null && signatures.has(signature.id)) return { kind: "replayed" };
      if (signature !== null) signatures.add(signature.id);
      taken.push({ bytes: Buffer.from(bytes), hook });
      return accepted;
    },
    refused: () => {},
    status: () => ({ ready: true }),
    bodies: createBodyPool(bodyShares, bodyTimeoutMs === undefined ? {} : { timeoutMs: bodyTimeoutMs }),
    isBot: (name) => name === "ops",
    logPace: createLogPace(now),
    metrics,
    guard: createGuard({
      auth,
      users: web.users,
      verify: verify === undefined ? passwords.verify : () => verify,
      metrics,
      log,
      clock,
      outbox,
      failures,
    }),
    log,
    maxBodyBytes: 1000,
    headers: web.headers,
    bots: ["ops", "值班"],
    reload: async () => ({ issues: 0 }),
    alias: () => ({ kind: "none" }),
    console: (_req, _res, next) => next(),
    api: (_req, _res, next) => next(),
    ...deps,
  });
  const onClosed = () => metrics.connectionsClosed.inc({});
  const tls = web.tls === null || readTls === undefined ? null : { config: web.tls, read: readTls, metrics, log, now };
  const listening = await listen(app, {
    host: "127.0.0.1",
    port: 0,
    tls,
    connections: { max: maxConnections, onClosed },
    ...(stalledMs === undefined ? {} : { stalledMs }),
  });
  t.after(() => listening.close(0));
  const ask = (path: string, sent: Sent = {}) => asked(listening.port, path, sent);
  return { taken, lines, metrics, listening, ask };
}

function asked(
  port: number,
  path: string,
  { method = "POST", headers = {}, body = "", from = "127.0.0.1" }: Sent,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const place = { host: "127.0.0.1", port, localAddress: from };
    const request = httpRequest({ ...place, path, method, headers, agent: false }, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString("utf8");
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    request.on("error", reject);
    request.end(method === "GET" || method === "HEAD" ? undefined : body);
  });
}
