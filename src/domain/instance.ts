// Which alert an alert is. De-duplication, merging, per-alert groups and news use these and nothing else.

import { hash } from "node:crypto";
import type { Alert, AlertGroup, AlertStatus } from "./alert.ts";

/** One state of one alert, as one sender sent it. */
export interface AlertState {
  /** Null when its text was decoded with losses: different texts may have become this one, so it is the same as no other. */
  readonly identity: string | null;
  /** The sender's own address; null when it sends none. */
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

export function alertState(alert: Alert, { externalURL, lossyBody }: AlertGroup): AlertState {
  const identity = lossyBody === null ? alert.identity : null;
  return { identity, origin: originOf(externalURL), status: alert.status, startsAt: alert.startsAt };
}

/** It is part of keys of the outbox, and PostgreSQL's keys hold some 2,700 bytes. */
const longestOrigin = 200;

/** What stands for an address: a long one counts by its hash. */
export function originOf(externalURL: string | null): string | null {
  return externalURL !== null && externalURL.length > longestOrigin ? identityHash(externalURL) : externalURL;
}

/**
 * HA peers have different addresses and tell the same start; two clusters with equal rules have different addresses and different
 * starts. Where it cannot be known, an alert is shown twice rather than lost.
 */
export function isSameInstance(one: AlertState, other: AlertState): boolean {
  if (one.identity === null || one.identity !== other.identity) return false;
  return one.origin === other.origin || (one.startsAt !== null && one.startsAt === other.startsAt);
}
