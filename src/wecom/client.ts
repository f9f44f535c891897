// The HTTP client of a robot: one POST per call, with the configured origin, proxy and certificates. It does not follow redirects,
// does not retry and never throws: every outcome is a Reply.

import { randomUUID } from "node:crypto";
import { getCACertificates } from "node:tls";
import { Agent, type Dispatcher, EnvHttpProxyAgent, Pool, ProxyAgent } from "undici";
import type { Secret } from "../config/secret.ts";
import type { Media } from "../domain/media.ts";
import { Exchange, type RequestGuard } from "./exchange.ts";
import type { Reply } from "./verdict.ts";

export interface RobotClient {
  /** `key` is a robot key without a URL, `body` the JSON text. Always resolves within the time-out. */
  send(key: Secret, body: string, guard?: RequestGuard): Promise<Reply>;
  /** The answer has the media id of the file. Large files get a longer time-out than messages. */
  upload(key: Secret, file: Media, guard?: RequestGuard): Promise<Reply>;
  /** Waits for the answers of requests in progress. */
  close(): Promise<void>;
}

export interface RobotClientOptions {
  /** Origin and, behind a reverse proxy, its path: `https://qyapi.weixin.qq.com`. */
  readonly baseURL: string;
  /** From the call to the end of the answer. */
  readonly timeoutMs: number;
  /** `http(s)://user:password@host:port`; null: none is configured. */
  readonly proxyURL: Secret | null;
  /** False for a robot on this machine, which a proxy of the environment cannot reach. */
  readonly proxyFromEnvironment: boolean;
  /** PEM certificates trusted besides Node's own roots and NODE_EXTRA_CA_CERTS; null for none. */
  readonly ca: string | null;
}

/**
 * The other side may close a socket that was idle for longer, and a request on it would be in doubt. A busy bot sends a message
 * every three seconds and still reuses its socket.
 */
const keepAliveMs = 4_000;

/** The time-out of an upload grows with the file: 100 kB/s. */
const slowestBytesPerMs = 100;

interface Post {
  /** Below /cgi-bin/webhook; holds the key. */
  readonly address: string;
  readonly contentType: string;
  readonly body: string | Buffer;
  readonly timeoutMs: number;
  readonly guard: RequestGuard;
}

const unguarded: RequestGuard = { mayLeave: () => true, givenUp: null };

export function createRobotClient(options: RobotClientOptions): RobotClient {
  const dispatcher = dispatcherFor(options);
  const base = new URL(options.baseURL);
  const inFlight = new Set<Promise<Reply>>();
  const path = `${base.pathname.replace(/\/+$/, "")}/cgi-bin/webhook`;
  const post = ({ address, contentType, body, timeoutMs, guard }: Post) => {
    const exchange = new Exchange(timeoutMs, guard);
    inFlight.add(exchange.reply);
    exchange.begin(dispatcher, {
      origin: base.origin,
      path: `${path}/${address}`,
      method: "POST",
      headers: { "content-type": contentType, "user-agent": "alertmanager-wecom" },
      body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    return exchange.reply.finally(() => inFlight.delete(exchange.reply));
  };
  return {
    send(key, body, guard = unguarded) {
      const address = `send?key=${encodeURIComponent(key.reveal())}`;
      const contentType = "application/json; charset=utf-8";
      return post({ address, contentType, body, timeoutMs: options.timeoutMs, guard });
    },
    upload(key, file, guard = unguarded) {
      const address = `upload_media?key=${encodeURIComponent(key.reveal())}&type=${file.type}`;
      const timeoutMs = options.timeoutMs + file.content.length / slowestBytesPerMs;
      return post({ ...uploadForm(file, `----${randomUUID()}`), address, timeoutMs, guard });
    },
    async close() {
      await Promise.all(inFlight);
      await dispatcher.destroy();
    },
  };
}

/** The part is named `media` and has the name and length of the file; without them WeCom answers 44001. */
export function uploadForm(file: Media, boundary: string) {
  const name = file.name.replaceAll(/["\r\n\\]/gu, "_");
  const head = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="media"; filename="${name}"; filelength=${file.content.length}`,
    "Content-Type: application/octet-stream",
    "",
    "",
  ].join("\r\n");
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([Buffer.from(head), file.content, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

function dispatcherFor({ timeoutMs, proxyURL, proxyFromEnvironment, ca }: RobotClientOptions): Dispatcher {
  // The option `ca` replaces Node's list, so the list is included.
  const trusted = ca === null ? {} : { ca: [...getCACertificates("default"), ca] };
  const connection = { ...trusted, timeout: timeoutMs };
  const settings = {
    connect: connection,
    requestTls: connection,
    proxyTls: connection,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    pipelining: 1,
    // For the connection to the proxy itself; without this, a proxy that never answers CONNECT holds a socket for five minutes.
    clientFactory: (origin: URL, pool: object) => new Pool(origin, { ...pool, headersTimeout: timeoutMs }),
  };
  if (proxyURL !== null) return new ProxyAgent({ ...settings, uri: proxyURL.reveal() });
  return proxyFromEnvironment ? new EnvHttpProxyAgent(settings) : new Agent(settings);
}
