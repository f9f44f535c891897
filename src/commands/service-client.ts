// Asks a running service over its HTTP API. Its own config says where it is, what it asks for and who signed its certificate; flags
// go before the config.

import { getCACertificates } from "node:tls";
import { Agent } from "undici";
import type { Config } from "../config/config.ts";
import { loadConfig, readFileText } from "../config/load.ts";
import { issueLine } from "../domain/issue.ts";
import type { Terminal } from "./command.ts";
import { connectFailure } from "./connect-failure.ts";
import type { CommandFlags, FlagSpecs } from "./flags.ts";

/** Of every command that asks a running service. */
export const serviceFlags = {
  "config.file": {
    help: "config file of the service: its external_url, auth.admin and wecom.ca_file stand in for the flags below",
  },
  url: { help: "address of the running service; without it and external_url, http://127.0.0.1:8060" },
  "authorization-file": { help: "file with the Authorization header for the service, like: Bearer TOKEN" },
  "ca-file": { help: "PEM file of the authority that signed the service's certificate" },
} as const satisfies FlagSpecs;

const defaultAddress = "http://127.0.0.1:8060";

const serviceTimeoutMs = 10_000;

/** The JSON at a path of the service; with a body, of a POST. Throws why there is none: the answer of the service, or no answer. */
export type AskService = (path: string, body?: unknown) => Promise<unknown>;

export function serviceClient({ values }: CommandFlags, env: Terminal["env"]): AskService {
  const configFile = values.get("config.file");
  const config = configFile === undefined ? null : validConfig(configFile, env);
  const origin = serviceOrigin(values.get("url") ?? addressIn(config));
  const authorization = values.get("authorization-file");
  const credentials = authorization === undefined ? credentialsIn(config) : { authorization: headerOf(authorization) };
  const caFile = values.get("ca-file") ?? config?.wecom.caFile ?? null;
  // The option `ca` replaces Node's list, so the list is included.
  const connect = caFile === null ? {} : { ca: [...getCACertificates("default"), certificatesIn(caFile)] };
  return async (path, body) => {
    const agent = new Agent({ connect });
    try {
      const { origin: server, pathname, search } = new URL(`${origin}${path}`);
      const sent = agent.request({
        origin: server,
        path: `${pathname}${search}`,
        method: body === undefined ? "GET" : "POST",
        body: body === undefined ? null : JSON.stringify(body),
        headers: { "content-type": "application/json", ...credentials },
        signal: AbortSignal.timeout(serviceTimeoutMs),
      });
      const answer = await sent.catch((cause: unknown) => {
        throw new Error(`${origin} ${unanswered(cause)}`, { cause });
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`${origin} ${refusedBy(answer.statusCode, text)}`);
      return jsonOf(text, origin);
    } finally {
      await agent.destroy();
    }
  };
}

function validConfig(file: string, env: Terminal["env"]): Config {
  const checked = loadConfig(file, env);
  if (checked.kind === "invalid") throw new Error(checked.issues.map((issue) => issueLine(file, issue)).join("\n"));
  return checked.config;
}

/** Without `auth.admin` a service answers only its own machine. */
function addressIn(config: Config | null): string {
  const isOpen = config !== null && config.auth.admin.length > 0;
  return (isOpen ? config.externalURL : null) ?? defaultAddress;
}

/** The first entry that can be sent: of a password the config has only the hash. */
function credentialsIn(config: Config | null): Readonly<Record<string, string>> {
  const admin = config?.auth.admin ?? [];
  for (const entry of admin) {
    if (entry.kind === "header") return { [entry.name]: entry.value.reveal() };
    if (entry.kind === "authorization") return { authorization: `${entry.scheme} ${entry.credentials.reveal()}` };
  }
  if (admin.length === 0) return {};
  const message = "auth.admin has no bearer, authorization or header that could be sent";
  throw new Error(
    `${message}; write the Authorization header, like Basic and the base64 of USER:PASSWORD, into a file and name it with --authorization-file`,
  );
}

/** The value of the header. A file may also hold the whole header line. */
function headerOf(file: string): string {
  return textOf(file).replace(/^authorization:\s*/iu, "");
}

function textOf(file: string): string {
  const read = readFileText(file);
  if (read.kind === "unreadable") throw new Error(`${file}: ${read.message}`);
  return read.text.trim();
}

function certificatesIn(file: string): string {
  const text = textOf(file);
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw new Error(`${file}: it holds no PEM certificate; name one with --ca-file`);
}

/** An error about a URL repeats it, and a password in it. */
function serviceOrigin(url: string): string {
  if (/^https?:\/\/[^/]*@/u.test(url)) {
    throw new Error(
      "--url must not contain a user name or password; write the header into a file and name it with --authorization-file",
    );
  }
  if (!/^https?:\/\/[^/]/iu.test(url))
    throw new Error(`--url must begin with http:// or https://, like ${defaultAddress}`);
  return url.replace(/\/+$/u, "");
}

function unanswered(cause: unknown): string {
  const reason = connectFailure(cause);
  const wanted = reason.includes("authority") ? "name its authority with --ca-file" : otherProgram;
  return `does not answer (${reason}); ${wanted}`;
}

const otherProgram = "name the address of the service with --url";

function refusedBy(status: number, text: string): string {
  if (status === 401) {
    return `answered 401: ${text.slice(0, 500)}; name the config of the service with --config.file, or --authorization-file`;
  }
  const isOwn = text.startsWith("{");
  return isOwn
    ? `answered ${status}: ${text.slice(0, 500)}`
    : `answered ${status}, not as this service does; ${otherProgram}`;
}

function jsonOf(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${origin} answered 200, not as this service does; ${otherProgram}`, { cause });
  }
}
