// Addresses of other adapters: which of our hooks a request line means, or what its sender has to change. Responses repeat nothing
// of a request line, which may hold a key. docs/migration.md names the project of each address.

import type { CompatPeer, Hook } from "../domain/intake.ts";
import { errorResponse, type JsonResponse } from "./json-response.ts";

export interface RequestLine {
  /** Percent-encoded as it was sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The header; null when there is none. */
  readonly authorization: string | null;
}

export type FoundAlias =
  | { readonly kind: "hook"; readonly hook: Hook }
  | { readonly kind: "rejected"; readonly response: JsonResponse }
  /** Not an alias: the request goes on to our own addresses. */
  | { readonly kind: "none" };

export type FindAlias = (request: RequestLine) => FoundAlias;

/** `bots` are names or keys; null: the route tree decides. */
interface AliasRequest {
  readonly bots: readonly string[] | null;
  readonly mentions: readonly string[];
  readonly template: string | null;
}

/** A string is the error of the address; null when the address belongs to another row. */
type AliasReading = AliasRequest | string | null;

interface AliasRow {
  readonly peer: CompatPeer;
  readonly path: RegExp;
  /** `name` is the first group of `path`, decoded. */
  readonly read: (request: RequestLine, name: string) => AliasReading;
}

function aliasFor(bots: readonly string[] | null): AliasRequest {
  return { bots, mentions: [], template: null };
}

const byName: AliasRow["read"] = (_request, name) => aliasFor([name]);

const byQuery =
  (name: string): AliasRow["read"] =>
  ({ query }) => {
    const key = query.get(name) ?? "";
    return key === "" ? `the address has no ${name}=; add it` : aliasFor([key]);
  };

const aliasRows: readonly AliasRow[] = [
  { peer: "k8stech", path: /^\/webhook$/u, read: readK8stech },
  { peer: "a2w", path: /^\/send$/u, read: readA2w },
  { peer: "g2ww", path: /^\/send$/u, read: byQuery("key") },
  { peer: "g2ww", path: /^\/(?:grafana|alertmanager)\/([^/]+)$/u, read: byName },
  // The shape of a robot's key; none of our own addresses has it.
  { peer: "g2ww", path: /^\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/iu, read: byName },
  { peer: "bougou", path: /^\/webhook\/send$/u, read: readBougou },
  { peer: "prometheusalert", path: /^\/prometheusalert$/u, read: readPrometheusAlert },
  { peer: "daozzg", path: /^\/prometheus_webhook$/u, read: readBearer },
  { peer: "rainbowhhy", path: /^\/qywechat$/u, read: readQywechat },
  { peer: "leezbug", path: /^\/alertmanager2qywx$/u, read: readQywechat },
  { peer: "timonwong", path: /^\/dingtalk\/([^/]+)\/send$/u, read: byName },
  { peer: "lido", path: /^\/hook\/([^/]+)$/u, read: byName },
  { peer: "metio", path: /^\/alerts\/([^/]+)$/u, read: byName },
  { peer: "prom2teams", path: /^\/v2\/([^/]+)$/u, read: byName },
  { peer: "notification-manager", path: /^\/api\/v2\/alerts$/u, read: () => aliasFor(null) },
];

/** Without a key this is our own address. */
function readK8stech(request: RequestLine): AliasReading {
  return request.query.has("key") ? byQuery("key")(request, "") : null;
}

function readA2w(request: RequestLine): AliasReading {
  const reading = byQuery("key")(request, "");
  if (typeof reading === "string" || reading === null) return reading;
  return { ...reading, mentions: request.query.getAll("mention") };
}

function readBougou(request: RequestLine): AliasReading {
  const channel = request.query.get("channel_type") ?? "weixin";
  if (channel !== "weixin") return "only channel_type=weixin is supported, which is WeCom's group robot";
  return byQuery("token")(request, "");
}

function readPrometheusAlert({ query }: RequestLine): AliasReading {
  if (query.get("type") !== "wx") return "only type=wx is supported, which is WeCom's group robot";
  const bots = [...listed(query.get("wxurl")), ...listed(query.get("alertgroup"))];
  return { bots: bots.length === 0 ? null : bots, mentions: listed(query.get("at")), template: query.get("tpl") };
}

function readBearer({ authorization }: RequestLine): AliasReading {
  const token = /^Bearer +(\S+)$/iu.exec(authorization ?? "")?.[1];
  return token === undefined ? "the request has no Authorization: Bearer <key>; add it" : aliasFor([token]);
}

/** Without key and url these two adapters send to the robot of their own config; here the route tree decides. */
function readQywechat({ query }: RequestLine): AliasReading {
  const key = query.get("key") ?? query.get("url");
  return aliasFor(key === null ? null : [key]);
}

function listed(text: string | null): readonly string[] {
  return (text ?? "").split(",").flatMap((entry) => (entry.trim() === "" ? [] : [entry.trim()]));
}

export interface AliasOptions {
  readonly peers: readonly CompatPeer[];
  /** The bot with this name or, where the config allows it, with this key or webhook URL; null when there is none. */
  readonly botOf: (nameOrKey: string) => string | null;
  /** Whether the bot has its own credentials. Then it accepts no request that names other bots too. */
  readonly hasOwnCredentials: (bot: string) => boolean;
  /** When a requested template does not exist here, the routes choose one. */
  readonly hasTemplate: (name: string) => boolean;
}

export function createAliases(options: AliasOptions): FindAlias {
  const known = aliasRows.filter(({ peer }) => options.peers.includes(peer));
  return (request) => {
    const path = withoutEndingSlashes(request.path);
    for (const { path: pattern, read } of known) {
      const match = pattern.exec(path);
      const name = match === null ? null : decoded(match[1] ?? "");
      const reading = name === null ? null : read(request, name);
      if (typeof reading === "string") return rejected(400, "unreadable_alias", reading);
      if (reading !== null) return resolveAlias(reading, options);
    }
    return { kind: "none" };
  };
}

/** A regular expression would read a long row of slashes once from each of them. */
function withoutEndingSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end -= 1;
  return path.slice(0, end);
}

/** Null when the percent-encoding is invalid. */
function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** The same for a name and for a key, so that the response does not show which keys are known. */
const unknownHint =
  "no bot has this name or key; write the name of a bot, or set allow_inline_keys and configure a bot with the key";

function resolveAlias(reading: AliasRequest, { botOf, hasOwnCredentials, hasTemplate }: AliasOptions): FoundAlias {
  const found = (reading.bots ?? []).map(botOf);
  const bots = [...new Set(found.filter((bot) => bot !== null))];
  if (found.includes(null)) return rejected(404, "unknown_alias_bot", unknownHint);
  if (bots.length > 1 && bots.some(hasOwnCredentials)) {
    const message = "the address names several bots, and one has its own credentials; post to each bot separately";
    return rejected(400, "several_guarded_bots", message);
  }
  const { mentions } = reading;
  const template = reading.template !== null && hasTemplate(reading.template) ? reading.template : null;
  return { kind: "hook", hook: { kind: "alias", bots, mentions, template } };
}

function rejected(status: 400 | 404, code: string, message: string): FoundAlias {
  return { kind: "rejected", response: errorResponse(status, code, message) };
}
