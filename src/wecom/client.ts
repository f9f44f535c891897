// The only way to a robot: one POST per call, over the configured origin, proxy and certificates. It follows no redirect,
// repeats nothing and never throws: every outcome is a Reply. The only file that reveals a Secret.

import type { Secret } from "../config/secret.ts";
import type { Reply } from "./verdict.ts";

export interface RobotClient {
  /** `key` is a bare robot key, `body` the JSON text. Resolves within the time-out, whatever happens. */
  send(key: Secret, body: string): Promise<Reply>;
  close(): Promise<void>;
}

export interface RobotClientOptions {
  /** Origin and, behind a reverse proxy, its path: `https://qyapi.weixin.qq.com`. */
  readonly baseURL: string;
  /** From the call to the end of the answer. */
  readonly timeoutMs: number;
  /** `http(s)://user:password@host:port`; null leaves the choice to HTTPS_PROXY, HTTP_PROXY and NO_PROXY. */
  readonly proxyURL: Secret | null;
  /** PEM certificates trusted besides Node's own roots and NODE_EXTRA_CA_CERTS; null for none. */
  readonly ca: string | null;
}

export function createRobotClient(_options: RobotClientOptions): RobotClient {
  throw new Error("to be written");
}
