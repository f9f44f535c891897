// What is to be told: one group, routed to one bot, kept as data until the bot may speak.

import type { AlertGroup } from "./alert.ts";
import type { MessageKind } from "./message-kind.ts";

/** Whom a delivery rings. Entries of `users` and `mobiles` are templates; what they print is looked up in `people` first. */
export interface Mention {
  readonly users: readonly string[];
  readonly mobiles: readonly string[];
  /** Everyone in the group chat. */
  readonly all: boolean;
  /** States of the group. */
  readonly on: readonly ("firing" | "resolved")[];
  /** Also when the same was told before. */
  readonly repeats: boolean;
}

/** What makes one message: a group as its sender sent it, a single alert, or all that comes for a destination in a while. */
export const groupings = ["as_sent", "per_alert", "merge"] as const;

export type Grouping = (typeof groupings)[number];

/** Where a routed group goes and how it is told there. Two equal destinations are one: their alerts are told together. */
export interface Destination {
  readonly bot: string;
  /** Told in this order; at least one. */
  readonly messages: readonly MessageKind[];
  /** Name of the template set. */
  readonly template: string;
  readonly urgent: boolean;
  readonly mention: Mention;
}

/** The alerts of one sender group that share a destination. Common labels and status are those of these alerts. */
export interface RoutedGroup {
  readonly destination: Destination;
  readonly group: AlertGroup;
  /** How long it waits for other groups of its destination before they are told as one; 0 when it is told for itself. */
  readonly mergeWaitMs: number;
}

/** Reads back what the outbox stored. Only this program writes it, so its shape is trusted. */
export function parseRoutedGroup(text: string): RoutedGroup {
  return JSON.parse(text) as RoutedGroup;
}

/** A routed group with its identities, ready for the outbox. */
export interface Notification {
  readonly routed: RoutedGroup;
  /** The same for every notification of one sender group to one destination: order is kept within it, newer supersedes older. */
  readonly groupId: string;
  /**
   * The same for every copy of one notification: HA peers and sender retries share it. Null when an alert says no start:
   * firing once and told twice can not be told apart from firing twice, and an alert may not be lost to a guess.
   */
  readonly dedupKey: string | null;
}

/** How a delivery was told: each group in full, many in a digest, a digest too long for messages in a file, or past its time. */
export const deliveryModes = ["full", "digest", "file", "late"] as const;

export type DeliveryMode = (typeof deliveryModes)[number];

/** Notifications of one group, merged to the newest state of each alert. */
export interface GroupDelivery {
  readonly kind: "group";
  readonly routed: RoutedGroup;
  /** When the oldest of the merged notifications was accepted, epoch ms. */
  readonly acceptedAt: number;
  /** Fingerprints of alerts that were waiting to be told as firing and have recovered since. */
  readonly recoveredWhileWaiting: readonly string[];
  /** Waited past `max_age`: said so, and told all the same. */
  readonly late: boolean;
  /** The same alerts in the same states were told before: a reminder, whatever the sender calls it. */
  readonly repeat: boolean;
}

/** Groups of one bot that do not fit its free slots one by one, or that waited past their time. */
export interface DigestDelivery {
  readonly kind: "digest";
  readonly bot: string;
  /** All of its groups waited past `max_age`. */
  readonly late: boolean;
  readonly urgent: boolean;
  /** At least one, in order of acceptance. */
  readonly groups: readonly GroupDelivery[];
  /** Of the oldest group. */
  readonly acceptedAt: number;
}

/** What one step of a plan says. */
export type Delivery = GroupDelivery | DigestDelivery;
