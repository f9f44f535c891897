// The configuration as the program uses it: checked, with all defaults, units in the names, secrets wrapped.

import type { CompatPeer } from "../domain/intake.ts";
import type { Language } from "../domain/message-kind.ts";
import type { Person } from "../domain/notification.ts";
import type { SeverityScale } from "../domain/severity.ts";
import type { Rotation } from "../route/on-call.ts";
import type { RouteNode } from "../route/tree.ts";
import type { AlertmanagerSettings } from "./alertmanagers.ts";
import type { DatasourceSettings, GraphSettings } from "./datasources.ts";
import type { LinkSettings, SilenceSettings } from "./links.ts";
import type { Secret } from "./secret.ts";
import type { Storage } from "./storage.ts";

/** How a request is authenticated. It passes when it matches any entry of its list; an empty list accepts every request. */
export type Credential =
  /** `Authorization: <scheme> <credentials>`; upper and lower case of the scheme are equal. Bearer tokens are one. */
  | { readonly kind: "authorization"; readonly scheme: string; readonly credentials: Secret }
  | PasswordCredential
  | SignatureCredential
  | { readonly kind: "header"; readonly name: string; readonly value: Secret }
  | { readonly kind: "query"; readonly name: string; readonly value: Secret };

export interface PasswordCredential {
  readonly kind: "basic";
  readonly username: string;
  /** bcrypt, `$2a$`, `$2b$` or `$2y$`. */
  readonly passwordHash: Secret;
}

/** Grafana's HMAC: lower-case hex of HMAC-SHA256 over the body, or over `<unix seconds>:` and the body when there is a timestamp header. */
export interface SignatureCredential {
  readonly kind: "hmac";
  readonly secret: Secret;
  readonly header: string;
  /** Null: not signed with a time, so a captured request can be sent again at any time. */
  readonly timestampHeader: string | null;
  /** How far the signed time may differ from ours, to either side. */
  readonly maxAgeMs: number;
}

export interface Auth {
  /** For every webhook but those in `bots`. */
  readonly webhook: readonly Credential[];
  /** By bot, for `/webhook/bot/<name>`, in place of `webhook`. */
  readonly bots: ReadonlyMap<string, readonly Credential[]>;
  /** For everything that is neither a webhook nor a probe. */
  readonly admin: readonly Credential[];
  /** For the pages, without what changes anything. */
  readonly viewer: readonly Credential[];
}

/** A configured name for a group chat. Its keys are robots in that group. */
export interface Bot {
  readonly name: string;
  /** Bare robot keys, taken out of whatever form they were written in. */
  readonly keys: readonly Secret[];
  /** Bot that takes over while no key of this one works. */
  readonly fallback: string | null;
}

export interface Config {
  /** Of times that a sender writes without an offset: an IANA name that Intl knows. */
  readonly timezone: string;
  /** Of pages, and of what belongs to no route. */
  readonly language: Language;
  readonly severities: SeverityScale;
  /** The address at which readers reach this service, without a trailing slash; null when not configured. */
  readonly externalURL: string | null;
  /** Null: messages have no links to the phone page, and there is none. */
  readonly links: LinkSettings | null;
  /** By name. */
  readonly alertmanagers: ReadonlyMap<string, AlertmanagerSettings>;
  /** What the phone page silences. */
  readonly silence: SilenceSettings;
  readonly storage: Storage;
  readonly webhook: { readonly maxBodyBytes: number; readonly dedupWindowMs: number };
  readonly auth: Auth;
  /** Other adapters whose addresses are answered; none: off. */
  readonly compat: { readonly peers: readonly CompatPeer[]; readonly allowInlineKeys: boolean };
  readonly outbox: {
    readonly retentionMs: number;
    readonly maxNotifications: number;
    readonly maxBytes: number;
    readonly maxDiskBytes: number;
  };
  readonly deliver: { readonly maxAgeMs: number };
  readonly digest: {
    /** A digest that needs more messages becomes one message and a file. */
    readonly maxMessages: number;
    /** Slots of a window that are reserved for urgent alerts. */
    readonly reserve: number;
  };
  /** How the pictures that alerts name are fetched. */
  readonly pictures: {
    readonly allowPrivate: boolean;
    readonly maxBytes: number;
    readonly timeoutMs: number;
    /** Sent when the alerts name none; null for none. */
    readonly file: string | null;
  };
  /** By name. */
  readonly datasources: ReadonlyMap<string, DatasourceSettings>;
  readonly graphs: GraphSettings;
  /** An AMR clip for `voice`; null when none is configured. */
  readonly voiceFile: string | null;
  /** By the name that labels and annotations use. */
  readonly people: ReadonlyMap<string, Person>;
  /** On-call rotations by name. */
  readonly rotations: ReadonlyMap<string, Rotation>;
  readonly shutdownDelayMs: number;
  readonly wecom: {
    /** Without a trailing slash. */
    readonly baseURL: string;
    readonly timeoutMs: number;
    /** A whole URL; a secret because it may hold credentials. */
    readonly proxyURL: Secret | null;
    /** HTTPS_PROXY, HTTP_PROXY and NO_PROXY count when `proxyURL` is null. False only for the built-in simulator. */
    readonly proxyFromEnvironment: boolean;
    readonly caFile: string | null;
  };
  readonly bots: ReadonlyMap<string, Bot>;
  /** Globs. `checkConfig` keeps them as written; `loadConfig` resolves them against the folder of the config file. */
  readonly templates: readonly string[];
  readonly route: RouteNode;
}
