// What one webhook body becomes before it is stored: notifications, or a refusal with the HTTP status that tells the sender.
// The receiver is given a function of this shape; it does not know how a body is read or routed.

import type { Source } from "./alert.ts";
import type { Notification } from "./notification.ts";

/** Where a webhook came in: the route tree decides, or the address named one bot, or it is an address of another adapter. */
export type Hook =
  | { readonly kind: "route" }
  | { readonly kind: "bot"; readonly bot: string }
  | ({ readonly kind: "alias" } & Alias);

/** What an address of another adapter asks for. */
export interface Alias {
  /** Empty: the route tree decides. */
  readonly bots: readonly string[];
  /** Besides those of the routes. Data of the sender, never templates. */
  readonly mentions: readonly string[];
  /** Null leaves it to the routes. */
  readonly template: string | null;
}

export type Intake =
  | {
      readonly kind: "notifications";
      readonly source: Source;
      /** May be empty: a group whose alerts are routed nowhere is accepted and told to nobody. */
      readonly notifications: readonly Notification[];
      /** Alerts in the body by status, before routing. */
      readonly firing: number;
      readonly resolved: number;
      /** Entries of the body that could not be read as alerts and were left out. */
      readonly invalidAlerts: number;
    }
  | {
      readonly kind: "refused";
      readonly status: 400 | 404;
      /** Stable, from a closed set: it is a key of the log's rate limit. */
      readonly code: string;
      /** For the sender's log: what to change. Never a piece of the body. */
      readonly message: string;
      readonly source: Source | "unknown";
    };

export type TakeIn = (bytes: Uint8Array, hook: Hook) => Intake;
