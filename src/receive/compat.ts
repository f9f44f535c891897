// Addresses of other adapters, as a table: a request line in, the hook it means here out, or what its sender has to change. Pure;
// what it reads may be a key, so no answer repeats any of it. Sources of the shapes: docs/migration.md names each project.

import type { CompatPeer } from "../domain/compat-peer.ts";
import type { Hook } from "../domain/intake.ts";
import { type Answer, refusal } from "./answer.ts";

export interface RequestLine {
  /** Without the query, as it was sent: percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The header; null when there is none. */
  readonly authorization: string | null;
}

export type Aliased =
  | { readonly kind: "hook"; readonly hook: Hook }
  | { readonly kind: "refused"; readonly answer: Answer }
  /** No alias: our own addresses are tried. */
  | { readonly kind: "none" };

export type FindAlias = (request: RequestLine) => Aliased;

/** What an address asks for. `bots` are names or keys; null leaves it to the route tree. */
interface Asked {
  readonly bots: readonly string[] | null;
  readonly mentions: readonly string[];
  readonly template: string | null;
}

/** A text says why the address can not be answered; null that this row is not meant. */
type Reading = Asked | string | null;

interface Row {
  readonly peer: CompatPeer;
  readonly path: RegExp;
  /** `named` is what the first group of `path` matched, decoded. */
  readonly read: (request: RequestLine, named: string) => Reading;
}

function asked(bots: Asked["bots"], more: Partial<Asked> = {}): Asked {
  return { bots, mentions: [], template: null, ...more };
}

const named: Row["read"] = (_request, name) => asked([name]);

const byQuery =
  (name: string): Row["read"] =>
  ({ query }) => {
    const key = query.get(name) ?? "";
    return key === "" ? `the address lacks ${name}=` : asked([key]);
  };

const rows: readonly Row[] = [
  { peer: "k8stech", path: /^\/webhook$/u, read: readK8stech },
  { peer: "a2w", path: /^\/send$/u, read: readA2w },
  { peer: "g2ww", path: /^\/send$/u, read: byQuery("key") },
  { peer: "g2ww", path: /^\/(?:grafana|alertmanager)\/([^/]+)$/u, read: named },
  // The shape of a robot's key: no address of ours looks like it.
  { peer: "g2ww", path: /^\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/iu, read: named },
  { peer: "bougou", path: /^\/webhook\/send$/u, read: readBougou },
  { peer: "prometheusalert", path: /^\/prometheusalert$/u, read: readPrometheusAlert },
  { peer: "daozzg", path: /^\/prometheus_webhook$/u, read: readBearer },
  { peer: "rainbowhhy", path: /^\/qywechat$/u, read: readQywechat },
  { peer: "leezbug", path: /^\/alertmanager2qywx$/u, read: readQywechat },
  { peer: "timonwong", path: /^\/dingtalk\/([^/]+)\/send$/u, read: named },
  { peer: "lido", path: /^\/hook\/([^/]+)$/u, read: named },
  { peer: "metio", path: /^\/alerts\/([^/]+)$/u, read: named },
  { peer: "prom2teams", path: /^\/v2\/([^/]+)$/u, read: named },
  { peer: "notification-manager", path: /^\/api\/v2\/alerts$/u, read: () => asked(null) },
];

/** Without a key it is our own address. */
function readK8stech(request: RequestLine): Reading {
  return request.query.has("key") ? byQuery("key")(request, "") : null;
}

function readA2w(request: RequestLine): Reading {
  const reading = byQuery("key")(request, "");
  const mentions = request.query.getAll("mention");
  return typeof reading === "string" || reading === null ? reading : { ...reading, mentions };
}

function readBougou(request: RequestLine): Reading {
  const channel = request.query.get("channel_type") ?? "weixin";
  if (channel !== "weixin") return "only channel_type=weixin is WeCom's group robot";
  return byQuery("token")(request, "");
}

function readPrometheusAlert({ query }: RequestLine): Reading {
  if (query.get("type") !== "wx") return "only type=wx is WeCom's group robot";
  const bots = [...listed(query.get("wxurl")), ...listed(query.get("alertgroup"))];
  const more = { mentions: listed(query.get("at")), template: query.get("tpl") };
  return asked(bots.length === 0 ? null : bots, more);
}

function readBearer({ authorization }: RequestLine): Reading {
  const token = /^Bearer +(\S+)$/iu.exec(authorization ?? "")?.[1];
  return token === undefined ? "the request lacks Authorization: Bearer <key>" : asked([token]);
}

/** Without either, these two send to the robot of their own config; here the route tree decides. */
function readQywechat({ query }: RequestLine): Reading {
  const named = query.get("key") ?? query.get("url");
  return asked(named === null ? null : [named]);
}

function listed(text: string | null): readonly string[] {
  return (text ?? "").split(",").flatMap((entry) => (entry.trim() === "" ? [] : [entry.trim()]));
}

export interface AliasOptions {
  readonly peers: readonly CompatPeer[];
  /** The bot of a name, and where the config allows it, of a key or webhook URL; null when there is none. */
  readonly botOf: (nameOrKey: string) => string | null;
  /** Whether only credentials of its own open the bot: then it takes no request that names others too. */
  readonly guardedAlone: (bot: string) => boolean;
  /** A template that is asked for and does not exist here is the routes' to choose. */
  readonly hasTemplate: (name: string) => boolean;
}

export function createAliases(options: AliasOptions): FindAlias {
  const known = rows.filter(({ peer }) => options.peers.includes(peer));
  return (request) => {
    const path = request.path.replace(/(?<=.)\/+$/u, "");
    for (const { path: pattern, read } of known) {
      const match = pattern.exec(path);
      const name = match === null ? null : decoded(match[1] ?? "");
      const reading = name === null ? null : read(request, name);
      if (typeof reading === "string") return refused(400, "unreadable_alias", reading);
      if (reading !== null) return resolve(reading, options);
    }
    return { kind: "none" };
  };
}

/** Null for what is no percent-encoding. */
function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** The same for a name and for a key: the answer does not tell which keys are known. */
const unknownHint =
  "no bot has this name; in place of a key write the name of a bot, or set allow_inline_keys and give the key to a bot of the config";

function resolve(reading: Asked, { botOf, guardedAlone, hasTemplate }: AliasOptions): Aliased {
  const found = (reading.bots ?? []).map(botOf);
  const bots = [...new Set(found.filter((bot) => bot !== null))];
  if (found.includes(null)) return refused(404, "unknown_alias_bot", unknownHint);
  if (bots.length > 1 && bots.some(guardedAlone)) {
    return refused(
      400,
      "several_guarded_bots",
      "a bot with credentials of its own takes no request that names other bots",
    );
  }
  const { mentions } = reading;
  const template = reading.template !== null && hasTemplate(reading.template) ? reading.template : null;
  return { kind: "hook", hook: { kind: "alias", bots, mentions, template } };
}

function refused(status: 400 | 404, code: string, message: string): Aliased {
  return { kind: "refused", answer: refusal(status, code, message) };
}
