// What one webhook body becomes before it is stored: notifications, or a rejection with the HTTP status for the sender.
// The receiver is given a function of this type; it does not know how a body is read or routed.

import type { Source, TimeFlag } from "./alert.ts";
import type { Notification, RoutedGroup } from "./notification.ts";

/** The address of a webhook: the route tree decides, or the address names one bot, or it is an address of another adapter. */
export type Hook =
  | { readonly kind: "route" }
  | { readonly kind: "bot"; readonly bot: string }
  | ({ readonly kind: "alias" } & Alias);

/** Adapters whose endpoints can be imitated, so that a migration changes a single line of the sender. */
export const compatPeers = [
  "a2w",
  "bougou",
  "daozzg",
  "g2ww",
  "k8stech",
  "leezbug",
  "lido",
  "metio",
  "notification-manager",
  "prom2teams",
  "prometheusalert",
  "rainbowhhy",
  "timonwong",
] as const;

export type CompatPeer = (typeof compatPeers)[number];

/** What an address of another adapter asks for. */
export interface Alias {
  /** Empty: the route tree decides. */
  readonly bots: readonly string[];
  /** Besides those of the routes. Data of the sender, never templates. */
  readonly mentions: readonly string[];
  /** Null leaves it to the routes. */
  readonly template: string | null;
}

/** Alerts that are accepted and not delivered. */
export interface UnsentGroup {
  readonly routed: RoutedGroup;
  readonly why: "route_drop" | "send_resolved_false";
}

export type IntakeResult =
  | {
      readonly kind: "notifications";
      readonly source: Source;
      readonly receiver: string;
      /** The first alert names, as text. */
      readonly names: string;
      /** May be empty: what a route with `drop` takes, or one with `send_resolved: false`, is accepted and not delivered. */
      readonly notifications: readonly Notification[];
      readonly unsent: readonly UnsentGroup[];
      /** Alerts in the body by status, before routing. */
      readonly firing: number;
      readonly resolved: number;
      /** Alerts that only routes with `drop` take. */
      readonly dropped: number;
      /** Entries of the body that could not be read as alerts and were left out. */
      readonly invalidAlerts: number;
      /** Its text was decoded with losses. */
      readonly lossy: boolean;
      /** The externalURL of an Alertmanager without an entry in `alertmanagers`; null for others, and when `alertmanagers` is empty. */
      readonly unknownURL: string | null;
      /** Alerts by what is wrong with their times. */
      readonly flaggedTimes: Readonly<Record<TimeFlag, number>>;
    }
  | {
      readonly kind: "rejected";
      readonly status: 400 | 404;
      /** Stable, from a closed set: it is a key of the log's rate limit. */
      readonly code: string;
      /** For the sender's log: what is wrong and what to do. Holds nothing of the body. */
      readonly message: string;
      readonly source: Source | "unknown";
    };

/** The body of a request, decompressed. */
export interface SentBody {
  readonly bytes: Uint8Array;
  /** Declared in the Content-Type; null when it is not. */
  readonly charset: string | null;
}

export type Intake = (body: SentBody, hook: Hook, receivedAt: number) => IntakeResult;
