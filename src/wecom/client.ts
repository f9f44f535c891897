// The only way to a robot: one POST per call, over the configured origin, proxy and certificates. It follows no redirect,
// repeats nothing and never throws: every outcome is a Reply. The only file that reveals a Secret.

import { randomUUID } from "node:crypto";
import { getCACertificates } from "node:tls";
import { Agent, type Dispatcher, EnvHttpProxyAgent, Pool, ProxyAgent } from "undici";
import type { Secret } from "../config/secret.ts";
import { Exchange } from "./exchange.ts";
import { type UploadedFile, uploadForm } from "./upload.ts";
import type { Reply } from "./verdict.ts";

export interface RobotClient {
  /**
   * `key` is a bare robot key, `body` the JSON text. Resolves within the time-out, whatever happens. `mayLeave` is asked in the
   * last instant, when the connection stands: false, and the request failed before it left (WITHHELD).
   */
  send(key: Secret, body: string, mayLeave?: () => boolean): Promise<Reply>;
  /** The answer to an upload, which names the file from then on. Large files get longer than messages. */
  upload(key: Secret, file: UploadedFile, mayLeave?: () => boolean): Promise<Reply>;
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

/** What a file is given time for, beside the time of a message: 100 kB/s. */
const slowestBytesPerMs = 100;

interface Post {
  /** Below /cgi-bin/webhook; holds the key. */
  readonly address: string;
  readonly contentType: string;
  readonly body: string | Buffer;
  readonly timeoutMs: number;
  readonly mayLeave: () => boolean;
}

const always = () => true;

export function createRobotClient(options: RobotClientOptions): RobotClient {
  const dispatcher = dispatcherFor(options);
  const base = new URL(options.baseURL);
  const inFlight = new Set<Promise<Reply>>();
  const path = `${base.pathname.replace(/\/+$/, "")}/cgi-bin/webhook`;
  const post = ({ address, contentType, body, timeoutMs, mayLeave }: Post) => {
    const exchange = new Exchange(timeoutMs, mayLeave);
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
    send(key, body, mayLeave = always) {
      const address = `send?key=${encodeURIComponent(key.reveal())}`;
      const contentType = "application/json; charset=utf-8";
      return post({ address, contentType, body, timeoutMs: options.timeoutMs, mayLeave });
    },
    upload(key, file, mayLeave = always) {
      const address = `upload_media?key=${encodeURIComponent(key.reveal())}&type=${file.type}`;
      const form = uploadForm(file, `----${randomUUID()}`);
      const timeoutMs = options.timeoutMs + file.content.length / slowestBytesPerMs;
      return post({ address, ...form, timeoutMs, mayLeave });
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
