import { type AlertGroup, commonOf } from "./alert.ts";
import type { DisplaySettings } from "./display.ts";
import { type AlertState, identityHash } from "./instance.ts";
import type { Language, MessageKind } from "./message-kind.ts";
import type { Recovery } from "./recovery.ts";
import type { Sender } from "./sender.ts";

/** Whom a delivery mentions. Entries of `users` and `mobiles` are templates; their output is looked up in `people` first. */
export interface Mention {
  readonly users: readonly string[];
  readonly mobiles: readonly string[];
  /** Everyone in the group chat. */
  readonly all: boolean;
  /** Group states that mention. */
  readonly on: readonly ("firing" | "resolved")[];
  /** Also for a repeat. */
  readonly repeats: boolean;
}

/** The WeCom user that a name in a label stands for: an entry of the `people` table. */
export interface Person {
  readonly userid: string | null;
  readonly mobile: string | null;
}

/** What makes one delivery: a group as sent, a single alert, or all alerts for a destination within a time. */
export const groupings = ["as_sent", "per_alert", "merge"] as const;

export type Grouping = (typeof groupings)[number];

/** Where a routed group goes and how it is shown there. Two equal destinations are one: their alerts are delivered together. */
export interface Destination {
  readonly bot: string;
  /** Sent in this order; at least one. */
  readonly messages: readonly MessageKind[];
  /** Name of the template set. */
  readonly template: string;
  readonly urgent: boolean;
  readonly mention: Mention;
  readonly language: Language;
  /** An IANA name. */
  readonly timezone: string;
  readonly display: DisplaySettings;
  /** Whether a graph follows its text, where a datasource knows the alerts. */
  readonly graph: boolean;
}

/** The same for equal destinations. */
export function destinationId(destination: Destination): string {
  return identityHash(destination);
}

/** The alerts of one sender group that share a destination. Common labels and status are those of these alerts. */
export interface RoutedGroup {
  readonly destination: Destination;
  /** By which route each alert came, like `route.routes[1]`, or the address that names the bot; one for all when it is the same. */
  readonly routes: readonly string[];
  readonly group: AlertGroup;
  readonly grouping: Grouping;
  /** How long it waits for other groups of its destination, to be delivered as one; 0 when it does not wait. */
  readonly mergeWaitMs: number;
  /**
   * A sentence of this service about its alerts, in the language of the destination; empty for none. Without alerts it is an
   * announcement: the sentence is the message.
   */
  readonly notice: string;
}

/** It is no news of an alert: it mentions nobody, and no state of an alert takes its place. */
export function isAnnouncement({ notice, group }: RoutedGroup): boolean {
  return notice !== "" && group.alerts.length === 0;
}

/** As the outbox stores it. */
export interface StoredGroup extends RoutedGroup {
  readonly sender: Sender;
}

/** What the alerts have in common is in each of them, and is not stored once more; nor is a notice that few have. */
export function routedGroupText({ group, notice, ...routed }: RoutedGroup): string {
  const stored = { ...group, commonLabels: undefined, commonAnnotations: undefined };
  return JSON.stringify({ ...routed, group: stored, ...(notice === "" ? {} : { notice }) });
}

/** The text of a routed group as the outbox stores it. */
export function storedGroupText(routedText: string, sender: Sender): string {
  return `${routedText.slice(0, -1)},"sender":${JSON.stringify(sender)}}`;
}

/** Reads back what the outbox stored. Only this program writes it, so its shape is trusted; its first version wrote no `alertmanager`. */
export function parseRoutedGroup(text: string): StoredGroup {
  const { group, notice = "", ...routed } = JSON.parse(text) as StoredGroup;
  return {
    ...routed,
    notice,
    group: { ...group, alertmanager: group.alertmanager ?? null, ...commonOf(group.alerts) },
  };
}

/** The identities of its alerts, and perhaps labels of that name, without the cost of parsing it. */
export function identitiesIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/"identity":"([^"]+)"/g), ([, identity = ""]) => identity);
}

/** A routed group with its identities, ready for the outbox. */
export interface Notification {
  readonly routed: RoutedGroup;
  /** The same for every notification of one sender group to one destination: order is kept within it, newer supersedes older. */
  readonly groupId: string;
  /**
   * The same for every copy of one notification: HA peers and sender retries share it. Null when an alert has no start, or
   * the text was decoded with losses: firing once and sent twice looks the same as firing twice, and no alert may be lost to a guess.
   */
  readonly dedupKey: string | null;
}

const mostGroupIds = 3;

/** The first ones, each once, as text for a log line. */
export function shortGroupIds(groupIds: readonly string[]): string {
  const ids = [...new Set(groupIds)];
  const shown = ids.slice(0, mostGroupIds).map((id) => id.slice(0, 8));
  return ids.length > mostGroupIds ? `${shown.join(", ")}, …` : shown.join(", ");
}

/** How a delivery is shown: each group in full, many in a digest, a digest too long for messages in a file, or late. */
export const deliveryModes = ["full", "digest", "file", "late"] as const;

export type DeliveryMode = (typeof deliveryModes)[number];

/** Against what was last delivered. Only new and changed alerts are news; a group without news is a reminder, whatever the sender calls it. */
export type AlertNews = "new" | "changed" | "unchanged";

/** Notifications of one group, merged to the newest state of each alert. */
export interface GroupDelivery {
  readonly kind: "group";
  readonly routed: RoutedGroup;
  /** Of its destination. */
  readonly destinationId: string;
  /** When the oldest of the merged notifications was accepted, epoch ms. */
  readonly acceptedAt: number;
  /** Of each alert, in the order of the group. */
  readonly states: readonly AlertState[];
  readonly news: readonly AlertNews[];
  /** When the unchanged alert that was delivered last was delivered; null when none is unchanged. */
  readonly remindedAt: number | null;
  /** Indexes of alerts that waited as firing and have recovered since. */
  readonly recoveredWhileWaiting: readonly number[];
  /** By identity, of the alerts of which a datasource knows it. */
  readonly recoveries: ReadonlyMap<string, Recovery>;
  /** Who works on each alert, in the order of the group; empty for nobody. */
  readonly acknowledgedBy: readonly string[];
  /** The newest of its notifications, for links; 0 when it is not stored. */
  readonly notificationId: number;
  /** Waited past `max_age`: it is marked as late, and delivered all the same. */
  readonly late: boolean;
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

/** Merged and parsed: what is rendered. */
export type Delivery = GroupDelivery | DigestDelivery;
