// The only way to a robot: one POST per call, over the configured origin, proxy and certificates. It follows no redirect,
// repeats nothing and never throws: every outcome is a Reply. The only file that reveals a Secret.

import { getCACertificates } from "node:tls";
import { Agent, type Dispatcher, EnvHttpProxyAgent, Pool, ProxyAgent } from "undici";
import type { Secret } from "../config/secret.ts";
import { Exchange } from "./exchange.ts";
import type { Reply } from "./verdict.ts";

export interface RobotClient {
  /** `key` is a bare robot key, `body` the JSON text. Resolves within the time-out, whatever happens. */
  send(key: Secret, body: string): Promise<Reply>;
  /** Waits for the answers in flight. */
  close(): Promise<void>;
}

export interface RobotClientOptions {
  /** Origin and, behind a reverse proxy, its path: `https://qyapi.weixin.qq.com`. */
  readonly baseURL: string;
  /** From the call to the end of the answer. */
  readonly timeoutMs: number;
  /** `http(s)://user:password@host:port`; null for none of our own. */
  readonly proxyURL: Secret | null;
  /** False for a robot on this machine: no proxy of the environment leads back here. */
  readonly proxyFromEnvironment: boolean;
  /** PEM certificates trusted besides Node's own roots and NODE_EXTRA_CA_CERTS; null for none. */
  readonly ca: string | null;
}

/**
 * A socket that was idle for longer may have been closed by the other side just now, and a request on it ends in doubt.
 * At a message every three seconds a busy bot still reuses its socket.
 */
const keepAliveMs = 4_000;

export function createRobotClient(options: RobotClientOptions): RobotClient {
  const dispatcher = dispatcherFor(options);
  const base = new URL(options.baseURL);
  const inFlight = new Set<Promise<Reply>>();
  const sendPath = `${base.pathname.replace(/\/+$/, "")}/cgi-bin/webhook/send`;
  return {
    async send(key, body) {
      const exchange = new Exchange(options.timeoutMs);
      inFlight.add(exchange.reply);
      exchange.begin(dispatcher, {
        origin: base.origin,
        path: `${sendPath}?key=${encodeURIComponent(key.reveal())}`,
        method: "POST",
        headers: { "content-type": "application/json; charset=utf-8", "user-agent": "alertmanager-wecom" },
        body,
      });
      return exchange.reply.finally(() => inFlight.delete(exchange.reply));
    },
    async close() {
      await Promise.all(inFlight);
      await dispatcher.destroy();
    },
  };
}

function dispatcherFor({ timeoutMs, proxyURL, proxyFromEnvironment, ca }: RobotClientOptions): Dispatcher {
  // A `ca` of one's own replaces Node's list, so the list goes in front of it.
  const trust = ca === null ? {} : { ca: [...getCACertificates("default"), ca] };
  const connection = { ...trust, timeout: timeoutMs };
  const settings = {
    connect: connection,
    requestTls: connection,
    proxyTls: connection,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    pipelining: 1,
    // The connection to the proxy itself; without this a proxy that never answers CONNECT holds a socket for five minutes.
    clientFactory: (origin: URL, pool: object) => new Pool(origin, { ...pool, headersTimeout: timeoutMs }),
  };
  if (proxyURL !== null) return new ProxyAgent({ ...settings, uri: proxyURL.reveal() });
  return proxyFromEnvironment ? new EnvHttpProxyAgent(settings) : new Agent(settings);
}
