// Which alert an alert is. De-duplication, merging, per-alert groups and news use these and nothing else.

import { hash } from "node:crypto";
import type { Alert, AlertGroup, AlertStatus } from "./alert.ts";

/** One state of one alert, as one sender sent it. */
export interface AlertState {
  /** Null when its text was decoded with losses: different texts may have become this one, so it is the same as no other. */
  readonly identity: string | null;
  /** The sender, as `originOf` makes it. */
  readonly origin: string | null;
  readonly status: AlertStatus;
  /** Epoch ms; null when unknown. */
  readonly startsAt: number | null;
}

/** The last state of an alert that was delivered to a destination. */
export interface DeliveredState extends AlertState {
  readonly identity: string;
  /** As `destinationId` makes it. */
  readonly destination: string;
  readonly deliveredAt: number;
}

/** By destination and identity. */
export type DeliveredStates = ReadonlyMap<string, ReadonlyMap<string, readonly DeliveredState[]>>;

/** 132 bits of SHA-256: nobody finds a text with the hash of another one. */
export function identityHash(value: unknown): string {
  return hashOfText(JSON.stringify(value));
}

export function hashOfText(text: string): string {
  return hash("sha256", text, "base64url").slice(0, 22);
}

/** The labels belong to it: a fingerprint alone can be forged, and two senders may compute it from different labels. */
export function alertIdentity({ fingerprint, labels }: Pick<Alert, "fingerprint" | "labels">): string {
  const pairs = Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1));
  return identityHash([fingerprint, pairs]);
}

export function alertState(alert: Alert, group: AlertGroup): AlertState {
  const identity = group.lossyBody === null ? alert.identity : null;
  return { identity, origin: originOf(group), status: alert.status, startsAt: alert.startsAt };
}

/** It is part of keys of the outbox, and PostgreSQL's keys hold some 2,700 bytes. */
const longestOrigin = 200;

/** No address of a sender begins with this. */
const configured = "alertmanagers.";

/**
 * All addresses of one entry of `alertmanagers` are one origin. A sender without an entry has its address as origin, hashed when it
 * is long; null when it sends none.
 */
function originOf({ alertmanager, externalURL }: Pick<AlertGroup, "alertmanager" | "externalURL">): string | null {
  return alertmanager === null ? addressOrigin(externalURL) : `${configured}${alertmanager}`;
}

export function addressOrigin(externalURL: string | null): string | null {
  return externalURL !== null && externalURL.length > longestOrigin ? identityHash(externalURL) : externalURL;
}

function isConfigured(origin: string | null): boolean {
  return origin?.startsWith(configured) === true;
}

/**
 * Different entries of `alertmanagers` are different clusters. For other senders this is unknown: HA peers have different addresses
 * and send the same start; two clusters with equal rules have different addresses and different starts. In doubt, an alert is shown
 * twice rather than lost.
 */
export function isSameInstance(one: AlertState, other: AlertState): boolean {
  if (one.identity === null || one.identity !== other.identity) return false;
  if (one.origin === other.origin) return true;
  if (isConfigured(one.origin) && isConfigured(other.origin)) return false;
  return one.startsAt !== null && one.startsAt === other.startsAt;
}

/** Members of a cluster may send different starts of one firing, so in a configured cluster only a later start is a new firing. */
export function startsAgain(now: AlertState, last: AlertState): boolean {
  if (now.startsAt === null || last.startsAt === null || !isConfigured(now.origin))
    return now.startsAt !== last.startsAt;
  return now.startsAt > last.startsAt;
}
