// From a webhook's bytes to "on disk": reads them with the intake it is given, stores the notifications, counts and reports.
// An answer of `accepted` is given only after the outbox has committed.

import type { Source } from "../domain/alert.ts";
import type { Hook, TakeIn } from "../domain/intake.ts";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { Outbox } from "../outbox/store.ts";

export type Accepted =
  /** `notifications` were stored now; `duplicates` were recognised as copies of stored ones. */
  | {
      readonly kind: "accepted";
      readonly notifications: number;
      readonly duplicates: number;
      readonly source: Source;
    }
  /** The sender must change something; trying again will not help. */
  | {
      readonly kind: "refused";
      readonly status: 400 | 404;
      readonly code: string;
      readonly message: string;
      readonly source: Source | "unknown";
    }
  /** Nothing was stored; the sender should try again. */
  | { readonly kind: "unavailable"; readonly message: string; readonly source: Source };

export type Accept = (bytes: Uint8Array, hook: Hook) => Promise<Accepted>;

export interface AcceptDeps {
  readonly intake: TakeIn;
  readonly outbox: Pick<Outbox, "accept">;
  readonly now: () => number;
  readonly dedupWindowMs: number;
  readonly maxNotifications: number;
  readonly maxBytes: number;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "alertsReceived" | "alertsInvalid" | "duplicatesSuppressed">;
}

export function createAccept(_deps: AcceptDeps): Accept {
  throw new Error("to be written");
}
